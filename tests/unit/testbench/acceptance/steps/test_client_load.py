import asyncio
from collections.abc import AsyncIterator

import pytest

from testbench.acceptance.steps.client_load import Load, Tally
from tests.support.consuming import eventually

ANSWERS = {
    b"/whole": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    b"/later": b"HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
    b"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nbody",
    b"/silent": b"",
    b"/api/v1/task": b"HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
    b"/wrong": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture
async def server() -> AsyncIterator[asyncio.Server]:
    """Sends the prepared response and closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWERS[request.split()[1]])
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server


def url_of(server: asyncio.Server) -> str:
    host, port = server.sockets[0].getsockname()
    return f"http://{host}:{port}"


async def tally_of(url: str, path: str, *, task: bytes = b"", kinds: int = 1) -> Tally:
    """Send requests until they have ended in so many ways."""
    load = Load(url, (path,), task=task, clients=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await eventually(lambda: len(load.tally.ends) >= kinds)
        load.end()
    return load.tally


@pytest.mark.parametrize(
    ("path", "end", "faulty"),
    [
        ("/whole", "answered", False),
        ("/later", "deferred", False),
        ("/cut", "dropped", True),
        ("/silent", "dropped", True),
        ("/wrong", "wrong", True),
    ],
)
async def test_each_request_is_counted_by_its_end(
    server: asyncio.Server, path: str, end: str, faulty: bool
) -> None:
    tally = await tally_of(url_of(server), path)

    assert set(tally.ends) == {end}
    assert bool(tally.faults) == faulty


async def test_a_refused_connection_is_no_fault(server: asyncio.Server) -> None:
    url = url_of(server)
    server.close()

    tally = await tally_of(url, "/whole")

    assert set(tally.ends) == {"refused"}
    assert not tally.faults


async def test_a_known_task_is_sent_too(server: asyncio.Server) -> None:
    tally = await tally_of(url_of(server), "/whole", task=b"{}", kinds=2)

    assert set(tally.ends) == {"answered", "deferred"}

import asyncio

import pytest

from testbench.acceptance.steps.client_load import Load

ANSWERS = {
    b"/whole": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    b"/later": b"HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
    b"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nbody",
    b"/silent": b"",
    b"/task": b"HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
    b"/wrong": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture
async def server():
    """Sends the prepared response and closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWERS[request.split()[1]])
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server


async def tally_of(url, path):
    load = Load(url, (path,), clients=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await asyncio.sleep(0.05)
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
    server, path: str, end: str, faulty: bool
) -> None:
    port = server.sockets[0].getsockname()[1]

    tally = await tally_of(f"http://127.0.0.1:{port}", path)

    assert set(tally.ends) == {end}
    assert bool(tally.faults) == faulty


async def test_a_refused_connection_is_no_fault(server) -> None:
    port = server.sockets[0].getsockname()[1]
    server.close()

    tally = await tally_of(f"http://127.0.0.1:{port}", "/whole")

    assert set(tally.ends) == {"refused"}
    assert not tally.faults


async def test_a_known_task_is_sent_too(server) -> None:
    port = server.sockets[0].getsockname()[1]
    load = Load(f"http://127.0.0.1:{port}", ("/whole",), task=b"{}", clients=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await asyncio.sleep(0.2)
        load.end()

    assert load.tally.ends["answered"] > 0
    assert load.tally.ends["deferred"] > 0

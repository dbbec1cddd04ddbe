"""Slow, silent or numerous clients do not keep others from being served."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from eclgrmd.api import requests
from eclgrmd.api.access.client import Client, set_client
from eclgrmd.api.bodies import BODIES, Bodies
from eclgrmd.api.middleware.connections import Connections
from eclgrmd.api.middleware.problems import problems
from eclgrmd.api.requests import read_body
from eclgrmd.api.server import _Runner
from eclgrmd.metrics import Metrics
from tests.support.limits import LIMIT_S

ASK = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
LARGEST = 1_000_000


@asynccontextmanager
async def serving(most: int = 100, header_limit_s: float = 60.0) -> AsyncIterator[int]:
    connections = Connections(most, header_limit_s)

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        set_client(request, Client(address="127.0.0.1"))
        return await handler(request)

    app = web.Application(middlewares=[connections.middleware(), problems(Metrics()), admit])
    app[BODIES] = Bodies(most)
    never = asyncio.Event()

    async def ask(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    async def bring(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await read_body(request, LARGEST))))

    async def wait(_request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    app.add_routes([web.get("/", ask), web.post("/", bring), web.get("/wait", wait)])
    runner = _Runner(app, connections, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with asyncio.timeout(LIMIT_S):
            yield runner.addresses[0][1]
    finally:
        never.set()
        await runner.cleanup()


class Connected:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def status(self) -> int:
        """Return the status of a response; 0: the connection was closed."""
        try:
            line = await self.reader.readline()
        except ConnectionError:
            return 0
        while line and (await self.reader.readline()).strip():
            pass
        return int(line.split()[1]) if line else 0


@asynccontextmanager
async def connected(port: int, sent: bytes = b"") -> AsyncIterator[Connected]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        yield Connected(reader, writer)
    finally:
        writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: here\r\nX-A: "])
async def test_headers_that_do_not_come_close_the_connection(sent: bytes) -> None:
    async with serving(header_limit_s=0.3) as port, connected(port, sent) as client:
        assert await client.status() == 0


async def test_headers_that_drip_close_the_connection() -> None:
    async with serving(header_limit_s=0.5) as port, connected(port, ASK[:-2]) as client:
        waiting = asyncio.get_running_loop().create_task(client.status())
        while not waiting.done():
            client.writer.write(b"X-A: 1\r\n")
            await asyncio.sleep(0.05)
        assert waiting.result() == 0


async def test_a_connection_that_was_served_may_be_idle_and_is_served_again() -> None:
    async with serving(header_limit_s=0.2) as port, connected(port, ASK) as client:
        assert await client.status() == 200
        await client.reader.readexactly(4)
        await asyncio.sleep(0.6)
        client.writer.write(ASK)
        assert await client.status() == 200


async def test_the_connection_that_was_idle_longest_makes_room_for_a_new_one() -> None:
    half = b"GET / HTTP/1.1\r\nX-A: "
    async with (
        serving(most=3) as port,
        connected(port, half) as first,
        connected(port, half) as second,
        connected(port, half) as third,
    ):
        async with connected(port, ASK) as fourth:
            assert await fourth.status() == 200
            assert await first.status() == 0
        for client in (second, third):
            client.writer.write(b"1\r\nHost: here\r\n\r\n")
            assert await client.status() == 200


async def test_where_none_is_idle_a_new_connection_is_asked_to_come_again() -> None:
    busy = b"GET /wait HTTP/1.1\r\nHost: here\r\n\r\n"
    async with serving(most=2) as port, connected(port, busy), connected(port, busy):
        await asyncio.sleep(0.2)
        async with connected(port, ASK) as refused:
            assert await refused.status() == 503


async def test_a_body_that_drips_is_answered_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_BODY_LIMIT_S", 0.3)
    begun = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\nA"
    async with serving() as port, connected(port, begun) as client:
        assert await client.status() == 408


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1, 1000 * LARGEST])
async def test_a_packed_body_is_bounded_by_what_it_unpacks_to(size: int) -> None:
    packed = gzip.compress(bytes(size))
    head = f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {len(packed)}\r\n"
    head += "Content-Encoding: gzip\r\n\r\n"
    async with serving() as port, connected(port, head.encode() + packed) as client:
        assert await client.status() == (200 if size <= LARGEST else 413)


async def test_a_body_that_is_not_packed_as_it_says_is_answered_400() -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\n"
    async with serving() as port, connected(port, head + b"not gzip!") as client:
        assert await client.status() == 400

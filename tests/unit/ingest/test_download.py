"""A server that is slow, silent, endless or compresses its data costs a limited time."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from eclgrmd.aio.pace import Pace
from eclgrmd.ingest.download import download
from eclgrmd.ingest.links import open_session
from eclgrmd.model.links import LinkPolicy

LIMIT_S = 1.0
POLICY = LinkPolicy.of(["http://127.0.0.1:*"])
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/file", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/file"
    finally:
        await runner.cleanup()


async def got(handler: Handler, size: int) -> bytes:
    received = b""
    limit = aiohttp.ClientTimeout(total=None)
    async with (
        serving(handler) as url,
        open_session(lambda: POLICY, timeout=limit) as session,
        asyncio.timeout(60.0),
    ):
        async for chunk in download(
            session, POLICY, url, size, Pace(LIMIT_S, 1000.0), silence_s=LIMIT_S
        ):
            received += chunk
    return received


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(0.05)


async def breaking_after_a_drop(request: web.Request) -> web.StreamResponse:
    """Send one more byte per connection, for ever."""
    start = int(request.headers.get("Range", "bytes=0-")[6:-1])
    headers = {"Content-Range": f"bytes {start}-99999/100000"} if start else {}
    response = web.StreamResponse(status=206 if start else 200, headers=headers)
    response.content_length = 100_000 - start
    await response.prepare(request)
    await response.write(b"x")
    assert request.transport is not None
    request.transport.close()
    return response


async def silent(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600.0)
    raise AssertionError


@pytest.mark.parametrize("handler", [dripping, breaking_after_a_drop, silent])
async def test_a_server_below_the_least_rate_is_given_up(handler: Handler) -> None:
    with pytest.raises(TimeoutError, match="slower than 1000 bytes/s after 1 s"):
        await got(handler, 100_000)


async def test_what_comes_without_end_is_read_no_further_than_told() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(65536))

    received = await got(endless, 100_000)
    assert 100_000 < len(received) <= 100_000 + (1 << 20)


async def test_bytes_are_taken_as_they_are_stored() -> None:
    packed = gzip.compress(bytes(10_000_000))
    accepted = []

    async def bomb(request: web.Request) -> web.StreamResponse:
        accepted.append(request.headers["Accept-Encoding"])
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert await got(bomb, len(packed)) == packed
    assert accepted == ["identity"]


async def test_a_large_file_has_the_time_that_its_bytes_are_given() -> None:
    async def steady(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(12):
            await response.write(bytes(1000))
            await asyncio.sleep(0.2)
        return response

    assert len(await got(steady, 12_000)) == 12_000

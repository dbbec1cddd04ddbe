"""Links of a silent host hold up no file of another host."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import nats
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_light_curve
from tests.support.limits import LIMIT_S

SILENT = 9


class Silent:
    """A host that takes connections and never says a word."""

    def __init__(self) -> None:
        self.links = 0

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        try:
            await asyncio.sleep(3600.0)
        finally:
            writer.close()


@pytest.fixture
async def silent() -> AsyncIterator[tuple[Silent, str]]:
    host = Silent()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    yield host, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def link(url: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": url.rsplit("/", 1)[-1], "url": url, "size": len(content), "sha256": digest}


async def publish(at: str, name: str, burst_id: str, links: list[dict[str, Any]]) -> None:
    client = await nats.connect(at)
    message = {"type": "data", "id": name, "burst_id": burst_id, "files": links}
    await client.jetstream().publish("data.bandx", json.dumps(message).encode())
    await client.close()


async def until_accepted(http: aiohttp.ClientSession, burst_id: str) -> list[dict[str, Any]]:
    """Wait until a burst has an accepted file; return all that were received or given up."""
    while True:
        async with http.get("/api/v1/data", params={"burst_id": burst_id}) as answer:
            found: list[dict[str, Any]] = (await answer.json())["data"]
        if any(row["state"] == "accepted" for row in found):
            return found
        await asyncio.sleep(0.1)


async def test_a_good_file_does_not_wait_for_silent_links_of_another_host(
    own_daemon: DaemonProcess, silent: tuple[Silent, str]
) -> None:
    await own_daemon.start()
    at = own_daemon.endpoints()
    assert at is not None
    host, url = silent
    content = tiny_light_curve(1)

    async def good(_request: web.Request) -> web.Response:
        return web.Response(body=content)

    app = web.Application()
    app.router.add_get("/good.fits", good)
    async with (
        asyncio.timeout(LIMIT_S),
        TestServer(app) as server,
        aiohttp.ClientSession(at.rest) as http,
    ):
        links = [link(f"{url}/{number}.fits", b"1") for number in range(SILENT)]
        await publish(at.nats, "silent", "silent-links", links)
        while not host.links:  # noqa: ASYNC110 - the other side of a socket tells nothing else
            await asyncio.sleep(0.05)
        named = link(str(server.make_url("/good.fits")), content)
        await publish(at.nats, "good", "silent-links", [named])
        found = await until_accepted(http, "silent-links")
    assert [(row["name"], row["state"]) for row in found] == [("good.fits", "accepted")]
    assert host.links < SILENT

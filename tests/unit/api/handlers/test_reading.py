"""The pages that people read come whole, and reading them from disk does not block the loop.

The plugin `tests.support.plugins.blocking` fails these tests if it does.
"""

import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest

from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from tests.support.settings import live


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    services = SimpleNamespace(settings=live(), metrics=Metrics(), tokens=None)
    server = RestServer(cast(Services, services))
    await server.start(socket.create_server(("127.0.0.1", 0)))
    async with aiohttp.ClientSession(server.url) as session:
        yield session
    await server.stop()


@pytest.mark.parametrize(
    ("path", "kind", "part"),
    [
        ("/api", "text/html", "<rapi-doc"),
        ("/api/rapidoc-min.js", "text/javascript", "RapiDoc"),
        ("/api/login", "text/html", "/api/login.js"),
        ("/api/login.js", "text/javascript", "/api/v1/login"),
        ("/api/problems", "text/html", 'id="422"'),
    ],
)
async def test_a_page_comes_whole(
    http: aiohttp.ClientSession, path: str, kind: str, part: str
) -> None:
    async with http.get(path) as answer:
        text = await answer.text()
        assert (answer.status, answer.content_type, answer.charset) == (200, kind, "utf-8")
    assert part in text
    async with http.get(path, headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert again.status == 304

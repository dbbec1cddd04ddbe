"""`/docs` serves the built pages and nothing beside; without them it says how to build them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from eclgrmd.api.handlers.pages import manual

Http = TestClient[web.Request, web.Application]


@pytest.fixture
async def http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Http]:
    monkeypatch.setattr(manual, "manual_folder", lambda: tmp_path / "manual")
    app = web.Application()
    app.add_routes(manual.routes)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "manual"
    (folder / "how-to").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>eclgrmd</h1>")
    (folder / "how-to" / "index.html").write_text("<h1>How-to</h1>")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "out").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.mark.parametrize(
    ("path", "text"),
    [("/docs", "eclgrmd"), ("/docs/", "eclgrmd"), ("/docs/how-to/index.html", "How-to")],
)
async def test_a_page_is_served(http: Http, pages: Path, path: str, text: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert text in await answer.text()


async def test_a_folder_without_its_slash_is_redirected(http: Http, pages: Path) -> None:
    async with http.get("/docs/how-to") as answer:
        assert answer.url.path == "/docs/how-to/"
        assert "How-to" in await answer.text()


@pytest.mark.parametrize(
    "path", ["none.html", "%2e%2e/secret.txt", "out", "how-to/../../secret.txt"]
)
async def test_nothing_else_is(http: Http, pages: Path, path: str) -> None:
    async with http.get(f"/docs/{path}") as answer:
        assert answer.status == 404
        assert "secret" not in (await answer.text()).replace("secret.txt", "")


async def test_without_pages_it_says_how_to_build_them(http: Http) -> None:
    async with http.get("/docs/") as answer:
        assert answer.status == 404
        assert "`testbench/docs` builds it" in await answer.text()

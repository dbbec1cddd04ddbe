"""Downloads are resumed and verified; uploads report their progress."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from eclgrmd.client import AsyncClient, UnavailableError
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.rest import API

CONTENT = bytes(range(256)) * 10_000
TAG = hashlib.sha256(CONTENT).hexdigest()
HALF = len(CONTENT) // 2


class Store:
    """A server of one product, and a taker of data files."""

    def __init__(self) -> None:
        self.tag = TAG
        self.break_off = False
        self.ranges: list[str] = []
        self.received = b""
        self.url = ""

    async def send(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range", "")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
        if start >= len(CONTENT):
            raise web.HTTPRequestRangeNotSatisfiable
        response = web.StreamResponse(status=206 if asked else 200)
        response.headers["ETag"] = f'"{self.tag}"'
        response.content_length = len(CONTENT) - start
        await response.prepare(request)
        if self.break_off:
            await response.write(CONTENT[start:HALF])
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(CONTENT[start:])
        return response

    async def take(self, request: web.Request) -> web.Response:
        self.received = await request.read()
        view = {
            **dict.fromkeys(("kind", "instrument", "cleaned_at", "description")),
            **request.query, "id": 1, "size": len(self.received), "state": "accepted",
            "reason": "", "received_at": "2026-11-22T10:00:00Z",
        }  # fmt: skip
        return web.json_response(view, status=201)

    async def listed(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": [], "next": None})


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = Store()
    app = web.Application(client_max_size=2 * len(CONTENT))
    app.router.add_get(f"{API}/products/t/p.fits", store.send)
    app.router.add_post(f"{API}/data", store.take)
    app.router.add_get(f"{API}/data", store.listed)
    async with TestServer(app) as running:
        store.url = str(running.make_url("")).rstrip("/")
        yield store


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_a_broken_download_is_resumed(store: Store, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    store.break_off = True
    async with AsyncClient(store.url) as client:
        with pytest.raises(UnavailableError, match="broke off"):
            await client.download("t", "p.fits", tmp_path)
        assert not (tmp_path / "p.fits").exists()
        part = (tmp_path / "p.fits.part").stat().st_size
        assert 0 < part <= HALF
        store.break_off = False
        path = await client.download(
            "t", "p.fits", tmp_path, progress=lambda *done: seen.append(done)
        )
    assert path.read_bytes() == CONTENT
    assert store.ranges == ["", f"bytes={part}-"]
    assert seen[0][0] > part
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert names(tmp_path) == ["p.fits"]


async def test_a_part_that_is_too_long_is_thrown_away(store: Store, tmp_path: Path) -> None:
    (tmp_path / "p.fits.part").write_bytes(CONTENT + b"x")
    async with AsyncClient(store.url) as client:
        path = await client.download("t", "p.fits", tmp_path / "other.fits")
        assert path.read_bytes() == CONTENT
        assert (await client.download("t", "p.fits", tmp_path)).read_bytes() == CONTENT


async def test_wrong_content_is_removed(store: Store, tmp_path: Path) -> None:
    store.tag = "0" * 64
    async with AsyncClient(store.url) as client:
        with pytest.raises(PermanentError, match=r"p\.fits: .* checksum .* not 0000"):
            await client.download("t", "p.fits", tmp_path)
    assert not names(tmp_path)


async def test_an_upload_has_checksum_and_progress(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(CONTENT)
    seen: list[tuple[int, int]] = []
    async with AsyncClient(store.url) as client:
        view = await client.upload("b", path, progress=lambda *done: seen.append(done))
    assert store.received == CONTENT
    assert (view.name, view.sha256, view.burst_id) == ("a.fits", TAG, "b")
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert len(seen) > 1


async def test_a_missing_file_is_told(store: Store, tmp_path: Path) -> None:
    async with AsyncClient(store.url) as client:
        with pytest.raises(InputError, match=r"gone\.fits: cannot be read: No such file"):
            await client.upload("b", tmp_path / "gone.fits")

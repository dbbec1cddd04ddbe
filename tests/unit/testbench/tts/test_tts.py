import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from eclgrmd.model.messages.facts import ProductLink
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from testbench.tts.address import Address
from testbench.tts.catalogue import Catalogue, CatalogueBurst, describe_file, read_catalogue
from testbench.tts.collect import collect_product
from testbench.tts.player import Player, Sequence
from testbench.tts.service import TtsService, running_tts
from tests.support.limits import LIMIT_S

NOWHERE = Address(lambda: None)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ecl.fits").write_bytes(b"photons" * 1000)
    task = TaskRequest(id="sb1-evt", burst_id="sb1", inputs=(TaskInput("ecl.fits"),))
    burst = CatalogueBurst("sb1", (describe_file(folder / "ecl.fits", folder),), (task,))
    return Catalogue(str(folder), (burst,))


@pytest.fixture
async def tts(catalogue: Catalogue, tmp_path: Path) -> AsyncIterator[TtsService]:
    async with running_tts(catalogue, NOWHERE, tmp_path / "products") as service:
        yield service


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def test_a_catalogue_survives_its_file(catalogue: Catalogue) -> None:
    catalogue.write()

    assert read_catalogue(Path(catalogue.folder)) == catalogue


async def test_links_lead_to_the_very_file(
    tts: TtsService, session: aiohttp.ClientSession, catalogue: Catalogue
) -> None:
    (link,) = catalogue.bursts[0].links(tts.url)

    async with session.get(link.url) as answer:
        content = await answer.read()

    assert len(content) == link.size
    assert hashlib.sha256(content).hexdigest() == link.sha256


async def test_parts_of_a_file_can_be_fetched(
    tts: TtsService, session: aiohttp.ClientSession, catalogue: Catalogue
) -> None:
    (link,) = catalogue.bursts[0].links(tts.url)

    async with session.get(link.url, headers={"Range": "bytes=7-13"}) as answer:
        assert answer.status == 206
        assert await answer.read() == b"photons"


@pytest.mark.parametrize("path", ["sb1/none.fits", "sb2/ecl.fits", "sb1/..%2F..%2Fetc%2Fpasswd"])
async def test_what_is_not_in_the_catalogue_is_not_served(
    tts: TtsService, session: aiohttp.ClientSession, path: str
) -> None:
    async with session.get(f"{tts.url}/data/{path}") as answer:
        assert answer.status == 404


async def test_the_data_are_listed_with_size_and_checksum(
    tts: TtsService, session: aiohttp.ClientSession, catalogue: Catalogue
) -> None:
    async with session.get(f"{tts.url}/data") as answer:
        listed = await answer.json()

    (link,) = catalogue.bursts[0].links(tts.url)
    wanted = {"name": link.name, "url": link.url, "size": link.size, "sha256": link.sha256}
    assert listed == {"sb1": [wanted]}


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ('{"bursts": ["sb9"]}', "sb9"),
        ('{"door": "pigeon"}', "nats"),
        ('{"at_once": 0}', "at_once"),
        ("{", "sequence"),
    ],
)
async def test_a_request_that_cannot_be_fulfilled_is_refused_with_the_reason(
    tts: TtsService, session: aiohttp.ClientSession, order: str, told: str
) -> None:
    async with session.post(f"{tts.url}/sequence", data=order) as answer:
        problem = await answer.json(content_type="application/problem+json")

    assert answer.status == 422
    assert told in problem["detail"]


async def test_a_sequence_can_be_looked_at_from_its_launch_on(
    tts: TtsService, session: aiohttp.ClientSession
) -> None:
    async with session.post(f"{tts.url}/sequence", data='{"bursts": ["sb1"]}') as answer:
        launched = await answer.json()
        place = answer.headers["Location"]
    async with session.get(place) as later:
        seen = await later.json()

    assert answer.status == 202
    assert (seen["id"], seen["state"], seen["bursts"]) == (launched["id"], "running", ["sb1"])


async def test_the_end_does_not_wait_for_a_sequence_that_swallows_its_cancellation(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swallowed: list[asyncio.CancelledError] = []

    async def play(_player: Player, _sequence: Sequence) -> None:
        while len(swallowed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as error:
                swallowed.append(error)
        await asyncio.sleep(60)

    monkeypatch.setattr(Player, "play", play)
    async with asyncio.timeout(LIMIT_S):
        async with (
            running_tts(catalogue, NOWHERE, tmp_path) as tts,
            aiohttp.ClientSession() as session,
            session.post(f"{tts.url}/sequence", data="{}") as answer,
        ):
            assert answer.status == 202
            await asyncio.sleep(0)

    assert len(swallowed) == 2


async def test_an_unknown_sequence_is_not_found(
    tts: TtsService, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{tts.url}/sequence/77") as answer:
        assert answer.status == 404


CONTENT = b"product" * 500
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
async def shelf() -> AsyncIterator[str]:
    """URL of a server of one product, as in the daemon."""

    async def serve(request: web.Request) -> web.Response:
        etag = request.match_info["etag"].replace("right", SHA256)
        return web.Response(body=CONTENT, headers={"ETag": f'"{etag}"'})

    app = web.Application()
    app.add_routes([web.get("/{etag}/plot.png", serve)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("etag", "size", "sha256", "problem"),
    [
        ("right", len(CONTENT), SHA256, ""),
        ("right", len(CONTENT) + 1, SHA256, "bytes received"),
        ("right", len(CONTENT), "0" * 64, "announced was"),
        ("wrong", len(CONTENT), SHA256, "ETag"),
    ],
)
async def test_a_product_is_compared_with_its_announcement(
    shelf: str,
    session: aiohttp.ClientSession,
    tmp_path: Path,
    etag: str,
    size: int,
    sha256: str,
    problem: str,
) -> None:
    link = ProductLink("plot.png", "figure", "image/png", size, sha256, f"{shelf}/{etag}/plot.png")

    product = await collect_product(session, link, tmp_path / "sb1" / "task")

    assert bool(product.problem) == bool(problem)
    assert problem in product.problem
    assert product.path == str(tmp_path / "sb1" / "task" / "plot.png")


async def test_a_missing_product_is_reported_at_once(
    shelf: str, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    link = ProductLink("x.png", "figure", "image/png", 1, SHA256, f"{shelf}/right/x.png")

    product = await collect_product(session, link, tmp_path)

    assert "404" in product.problem
    assert product.path == ""

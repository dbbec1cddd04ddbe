"""The mission database is queried over broken connections, and its answers are checked."""

import asyncio
import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from eclgrmd.errors import InputError, TransientError
from eclgrmd.ingest.mdb import MissionDatabase
from eclgrmd.model.links import LinkPolicy, LinkRefusedError
from eclgrmd.model.messages.incoming import FileLink
from eclgrmd.settings.daemon import MdbSettings
from testbench.tts.mission_database import MissionDatabase as StandIn
from testbench.tts.mission_database import running_mdb

BURST = "sb26112201"
SIZE = 3_000_000
AWAY = "http://127.0.0.1:9"
"""An address at which nobody answers."""

POLICY = LinkPolicy.of(["http://127.0.0.1:*"])

T = TypeVar("T")


class MissionFile(NamedTuple):
    """A file that the mission database has."""

    path: Path
    """Where it lies."""
    content: bytes
    """What was in it at first."""


@pytest.fixture
def file(tmp_path: Path) -> MissionFile:
    path = tmp_path / "mission" / "svom_grm_evt_v01.fits"
    path.parent.mkdir()
    content = os.urandom(SIZE)
    path.write_bytes(content)
    return MissionFile(path, content)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def asked(
    url: str, work: Callable[[MissionDatabase], Awaitable[T]], policy: LinkPolicy = POLICY
) -> T:
    """Return what a mission database at this address answers."""
    settings = MdbSettings(url=url, timeout_s=2.0)
    async with MissionDatabase.session(lambda: policy, settings) as session:
        return await work(MissionDatabase(session, policy, settings))


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{any:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_files_are_listed_around_the_time_of_the_burst(file: MissionFile) -> None:
    async with running_mdb(StandIn({BURST: [file.path]})) as mdb:
        answer = await asked(mdb.url, lambda m: m.files_of(BURST, "2026-11-22T10:15:30.250Z"))
    (link,) = answer.files
    assert (link.name, link.size) == (file.path.name, SIZE)
    assert mdb.asked == [
        {
            "burst_id": BURST,
            "start": "2026-11-22T09:15:30.250Z",
            "stop": "2026-11-22T11:15:30.250Z",
        }
    ]


async def test_a_broken_connection_is_gone_on_with_where_it_ended(
    file: MissionFile, tmp_path: Path
) -> None:
    async with running_mdb(StandIn({BURST: [file.path]}, break_after=1_234_567)) as mdb:
        answer = await asked(mdb.url, lambda m: m.files_of(BURST))
        path = await asked(mdb.url, lambda m: m.fetch(answer.files[0], tmp_path))
    assert path.read_bytes() == file.content
    assert mdb.ranges == {file.path.name: 1}


async def test_what_an_earlier_fetch_left_is_gone_on_with(
    file: MissionFile, tmp_path: Path
) -> None:
    (tmp_path / f"{file.path.name}.part").write_bytes(file.content[:1_000_000])
    async with running_mdb(StandIn({BURST: [file.path]})) as mdb:
        answer = await asked(mdb.url, lambda m: m.files_of(BURST))
        path = await asked(mdb.url, lambda m: m.fetch(answer.files[0], tmp_path))
        again = await asked(mdb.url, lambda m: m.fetch(answer.files[0], tmp_path))
    assert path == again
    assert path.read_bytes() == file.content
    assert mdb.ranges == {file.path.name: 1}


async def test_other_content_than_was_told_is_refused_and_not_kept(
    file: MissionFile, tmp_path: Path
) -> None:
    async with running_mdb(StandIn({BURST: [file.path]})) as mdb:
        answer = await asked(mdb.url, lambda m: m.files_of(BURST))
        file.path.write_bytes(os.urandom(SIZE))
        with pytest.raises(InputError, match="was announced"):
            await asked(mdb.url, lambda m: m.fetch(answer.files[0], tmp_path))
    assert names_in(tmp_path) == ["mission"]


async def test_a_server_that_cannot_go_on_in_the_middle_is_told_of(
    file: MissionFile, tmp_path: Path
) -> None:
    async def whole(_request: web.Request) -> web.Response:
        return web.Response(body=file.content)

    (tmp_path / "x.fits.part").write_bytes(b"1234")
    digest = hashlib.sha256(file.content).hexdigest()
    async with running_mdb(StandIn({})) as mdb, answering(whole) as url:
        link = FileLink("x.fits", f"{url}/file", SIZE, digest)
        with pytest.raises(TransientError, match="does not resume at byte 4"):
            await asked(mdb.url, lambda m: m.fetch(link, tmp_path))


async def test_an_answer_that_is_none_is_an_error_with_its_path() -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text='{"files": [{"name": "../x"}]}')

    async with answering(answer) as url:
        with pytest.raises(InputError, match="answer of the mission database"):
            await asked(url, lambda m: m.files_of(BURST))


async def test_an_answer_without_end_is_read_no_further_than_any_can_be_long() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(65536))

    async with answering(endless) as url:
        with pytest.raises(InputError, match="more than 8000000 bytes"):
            await asked(url, lambda m: m.files_of(BURST))


async def test_a_packed_answer_is_not_unpacked() -> None:
    async def packed(_request: web.Request) -> web.Response:
        body = gzip.compress(bytes(10_000_000))
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with answering(packed) as url:
        with pytest.raises(InputError, match="has a Content-Encoding"):
            await asked(url, lambda m: m.files_of(BURST))


async def test_a_file_that_is_longer_than_told_is_refused_and_not_kept(
    file: MissionFile, tmp_path: Path
) -> None:
    async def whole(_request: web.Request) -> web.Response:
        return web.Response(body=file.content)

    async with answering(whole) as url:
        link = FileLink("x.fits", f"{url}/x.fits", 1000, "0" * 64)
        with pytest.raises(InputError, match="longer than the 1000 bytes that were announced"):
            await asked(url, lambda m: m.fetch(link, tmp_path))
    assert (tmp_path / "x.fits.part").read_bytes() == b""


async def test_the_token_is_shown_to_the_mission_database_and_to_no_other_host(
    file: MissionFile, tmp_path: Path
) -> None:
    shown: list[tuple[str, str | None]] = []

    async def serve(request: web.Request) -> web.Response:
        shown.append((request.path, request.headers.get("Authorization")))
        if request.path == "/files":
            link = {"url": f"{elsewhere}/x", "size": SIZE, "sha256": digest, "name": "x.fits"}
            near = {**link, "url": f"http://{request.host}/near", "name": "near.fits"}
            sent = {**link, "url": f"http://{request.host}/sent", "name": "sent.fits"}
            return web.json_response({"files": [link, near, sent]})
        if request.path == "/sent":
            raise web.HTTPFound(f"{elsewhere}/behind")
        return web.Response(body=file.content)

    digest = hashlib.sha256(file.content).hexdigest()
    (tmp_path / "token").write_text("secret\n")
    async with answering(serve) as url, answering(serve) as elsewhere:
        settings = MdbSettings(url=url, token_file=str(tmp_path / "token"))
        async with MissionDatabase.session(lambda: POLICY, settings) as session:
            mission = MissionDatabase(session, POLICY, settings)
            for link in (await mission.files_of(BURST)).files:
                await mission.fetch(link, tmp_path)
    assert shown == [
        ("/files", "Bearer secret"),
        ("/x", None),
        ("/near", "Bearer secret"),
        ("/sent", "Bearer secret"),
        ("/behind", None),
    ]


@pytest.mark.parametrize("time", ["2026-13-45T10:15:30Z", "0001-01-01T00:00:00Z"])
async def test_a_time_that_cannot_be_asked_for_is_told(time: str) -> None:
    with pytest.raises(InputError, match=time):
        await asked(AWAY, lambda m: m.files_of(BURST, time))


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".example"])
async def test_a_host_that_cannot_be_is_told(host: str, tmp_path: Path) -> None:
    link = FileLink("x.fits", f"http://{host}/x.fits", SIZE, "0" * 64)
    with pytest.raises((TransientError, LinkRefusedError), match=r"InvalidURL|no valid URL"):
        await asked(AWAY, lambda m: m.fetch(link, tmp_path), LinkPolicy.of(["http://*"]))


async def test_a_mission_database_that_is_away_is_tried_again_later() -> None:
    with pytest.raises(TransientError, match="does not answer"):
        await asked(AWAY, lambda m: m.files_of(BURST))


async def test_the_command_line_fetches_all_files_of_a_burst(
    file: MissionFile, tmp_path: Path
) -> None:
    output = tmp_path / "fetched"
    async with running_mdb(StandIn({BURST: [file.path]}, break_after=999_999)) as mdb:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "eclgrmd", "fetch", BURST, "--output", str(output)],
            env={**os.environ, "ECLGRMD_MDB_URL": mdb.url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert (output / file.path.name).read_bytes() == file.content


async def test_the_command_line_tells_of_a_burst_without_files(tmp_path: Path) -> None:
    async with running_mdb(StandIn({})) as mdb:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "eclgrmd", "fetch", BURST, "--output", str(tmp_path)],
            env={**os.environ, "ECLGRMD_MDB_URL": mdb.url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"has no file of {BURST}" in done.stderr

"""Slow or hanging links delay neither others nor a stop; interrupted downloads are due again."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from eclgrmd.compute import Workers
from eclgrmd.errors import TransientError
from eclgrmd.files import DiskFullError, FileStore
from eclgrmd.hints import Hints
from eclgrmd.ingest.fetcher import Fetcher
from eclgrmd.ingest.receive import Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages.incoming import DataNotification, FileLink
from eclgrmd.store.intake.data import data_files
from eclgrmd.store.intake.notifications import (
    Held,
    claim_fetch,
    postpone_fetch,
    record_notification,
    waiting_fetches,
)
from eclgrmd.store.sql.database import Database
from tests.support.answering import Answering
from tests.support.limits import LIMIT_S
from tests.support.settings import live

CONTENT = b"good"
DESCRIBED = {"kind": "spectrum", "instrument": "GRM"}


class Hanging(Answering):
    """Readers that hang on every file of the burst `bad`."""

    async def call(self, *arguments: object, **options: object) -> Any:
        shares = options["shares"]
        assert isinstance(shares, tuple)
        if "burst bad" in shares:
            await asyncio.sleep(3600.0)
        return await super().call(*arguments, **options)


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    app = web.Application()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)

    async def good(_request: web.Request) -> web.Response:
        return web.Response(body=CONTENT)

    app.router.add_get("/drip/{name}", drip)
    app.router.add_get("/good/{name}", good)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def notify(database: Database, burst_id: str, url: str, number: int) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    links = tuple(
        FileLink(f"{k}.fits", f"{url}/{k}.fits", len(CONTENT) if "good" in url else 10**6, digest)
        for k in range(number)
    )
    async with database.transaction() as transaction:
        message = DataNotification(f"n-{burst_id}", burst_id, links)
        await record_notification(transaction, message)


async def states(database: Database, burst_id: str) -> list[str]:
    async with database.reading() as transaction:
        found = await data_files(transaction, burst_id=burst_id, state="", after=0, limit=99)
    return [row.state for row in found]


@asynccontextmanager
async def fetching(
    database: Database,
    tmp_path: Path,
    readers: Workers,
    *,
    largest: int = 10**9,
    reserve: int = 0,
    wait_s: float = 3600.0,
) -> AsyncIterator[None]:
    files, hints, stop = FileStore(tmp_path, "me"), Hints(), asyncio.Event()
    files.open()
    settings = live(
        tasks={"fetch_timeout_s": 600.0, "poll_s": 0.1, "fetch_wait_s": wait_s},
        links={"allow": ["http://127.0.0.1:*"]},
        rest={"max_upload_bytes": largest},
        storage={"reserve_bytes": reserve},
    )
    fetcher = Fetcher(
        database,
        Receiver(database, files, readers, hints, settings=settings, metrics=Metrics()),
        hints,
        owner="me",
        settings=settings,
    )
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(fetcher.run(stop))
        yield
        stop.set()


async def until(database: Database, burst_id: str, wanted: list[str]) -> None:
    found = await states(database, burst_id)
    while found != wanted:
        await asyncio.sleep(0.05)
        found = await states(database, burst_id)


async def test_links_that_drip_hold_up_neither_other_bursts_nor_a_stop(
    database: Database, tmp_path: Path
) -> None:
    async with serving() as bad, serving() as good:
        await notify(database, "bad", f"{bad}/drip", 40)
        await notify(database, "good", f"{good}/good", 6)
        async with fetching(database, tmp_path, Answering(DESCRIBED)):
            await until(database, "good", 6 * ["accepted"])
    assert await states(database, "bad") == []
    async with database.transaction() as transaction:
        left = await claim_fetch(transaction, "another", 60.0)
    assert left is not None
    assert (left.burst_id, left.attempts) == ("bad", 0)


async def test_a_host_that_drips_for_many_bursts_holds_up_no_other_host(
    database: Database, tmp_path: Path
) -> None:
    async with serving() as bad, serving() as good:
        for number in range(20):
            await notify(database, f"bad{number}", f"{bad}/drip", 2)
        await notify(database, "good", f"{good}/good", 6)
        async with fetching(database, tmp_path, Answering(DESCRIBED)):
            await until(database, "good", 6 * ["accepted"])


async def test_a_good_file_does_not_wait_for_silent_links_of_another_host_in_its_burst(
    database: Database, tmp_path: Path
) -> None:
    async with serving() as bad, serving() as good:
        await notify(database, "b", f"{bad}/drip", 100)
        async with database.transaction() as transaction:
            digest = hashlib.sha256(CONTENT).hexdigest()
            link = FileLink("z.fits", f"{good}/good/z.fits", len(CONTENT), digest)
            await record_notification(transaction, DataNotification("n-z", "b", (link,)))
        async with fetching(database, tmp_path, Answering(DESCRIBED)):
            await until(database, "b", ["accepted"])
    async with database.transaction() as transaction:
        left = await claim_fetch(transaction, "another", 60.0)
    assert left is not None
    assert (left.url.startswith(bad), left.attempts) == (True, 0)


async def test_a_file_that_failed_is_tried_behind_all_that_were_not_tried(
    database: Database,
) -> None:
    await notify(database, "failed", "http://a", 1)

    async def claimed() -> tuple[str, int]:
        async with database.transaction() as transaction:
            fetch = await claim_fetch(transaction, "me", 60.0)
        assert fetch is not None
        return fetch.burst_id, fetch.transfer_id

    burst_id, number = await claimed()
    assert burst_id == "failed"
    async with database.transaction() as transaction:
        postpone_fetch(transaction, number, delay_s=0.0, reason="silent")
    await notify(database, "new", "http://b", 2)
    assert [(await claimed())[0] for _ in range(3)] == ["new", "new", "failed"]


async def test_inspections_that_take_long_hold_up_no_files_of_the_same_server(
    database: Database, tmp_path: Path
) -> None:
    async with serving() as url:
        await notify(database, "bad", f"{url}/good", 9)
        await notify(database, "good", f"{url}/good", 6)
        async with fetching(database, tmp_path, Hanging(DESCRIBED)):
            await until(database, "good", 6 * ["accepted"])


async def test_a_file_larger_than_any_that_is_taken_is_refused_at_once(
    database: Database, tmp_path: Path
) -> None:
    async with serving() as url:
        await notify(database, "large", f"{url}/drip", 1)
        async with fetching(database, tmp_path, Answering(DESCRIBED), largest=1000):
            await until(database, "large", ["refused"])


async def reason(database: Database, burst_id: str) -> str:
    async with database.reading() as transaction:
        (row,) = await data_files(transaction, burst_id=burst_id, state="", after=0, limit=99)
    return str(row.reason)


async def held(database: Database) -> Held | None:
    async with database.reading() as transaction:
        return await waiting_fetches(transaction)


async def test_a_file_that_the_disk_can_never_hold_is_refused_at_once(
    database: Database, tmp_path: Path
) -> None:
    total = shutil.disk_usage(tmp_path).total
    async with serving() as url:
        await notify(database, "never", f"{url}/drip", 1)
        async with fetching(database, tmp_path, Answering(DESCRIBED), reserve=total - 10**5):
            await until(database, "never", ["refused"])
    assert "1000000 bytes: the disk of the file store has" in await reason(database, "never")
    assert await held(database) is None


async def until_none_waits(database: Database) -> None:
    """Wait until recorded files are closed, too, which happens in another transaction."""
    while await held(database) is not None:  # noqa: ASYNC110 - a test looks from outside
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("inspected", [True, False])
async def test_a_file_waits_for_room_and_is_given_up_at_the_limit(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inspected: bool
) -> None:
    full: list[TransientError] = [DiskFullError("the disk is full", delay_s=0.2)]

    def check_room(*_: object) -> None:
        if full and not inspected:
            raise full[0]

    class Full(Answering):
        async def call(self, *arguments: object, **options: object) -> Any:
            if full:
                raise full[0]
            return await super().call(*arguments, **options)

    monkeypatch.setattr(FileStore, "check_room", check_room)
    async with serving() as url:
        await notify(database, "late", f"{url}/good", 1)
        async with fetching(database, tmp_path / "1", Full(DESCRIBED)):
            waiting = await held(database)
            while waiting is None:
                await asyncio.sleep(0.05)
                waiting = await held(database)
            assert (waiting.number, waiting.reason) == (1, "the disk is full")
            full.clear()
            await until(database, "late", ["accepted"])
            await until_none_waits(database)
        full.append(DiskFullError("the disk is full", delay_s=0.2))
        await notify(database, "given-up", f"{url}/good", 1)
        async with fetching(database, tmp_path / "2", Full(DESCRIBED), wait_s=0.5):
            await until(database, "given-up", ["refused"])
            await until_none_waits(database)
    assert "s: the disk is full" in await reason(database, "given-up")


@pytest.mark.parametrize("url", ["http://a", "http://u:p@a", "http://u@a"])
async def test_files_of_full_hosts_and_bursts_are_not_claimed(database: Database, url: str) -> None:
    await notify(database, "b", f"{url}:80/x", 1)

    async def claimed(**full: tuple[str, ...]) -> str | None:
        async with database.transaction() as transaction:
            fetch = await claim_fetch(transaction, "me", 0.0, **full)
        return None if fetch is None else fetch.host

    host = await claimed()
    assert host in ("http://a:80", "a:80")
    assert await claimed(full_hosts=(host,)) is None
    assert await claimed(full_bursts=("b",)) is None
    assert await claimed(full_hosts=("http://a",), full_bursts=("c",)) == host

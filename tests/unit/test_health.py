"""A daemon is ready only if a write, a read and a publish have just succeeded."""

import time
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from eclgrmd import health as checking
from eclgrmd.bus import Bus
from eclgrmd.clock import utc_now
from eclgrmd.compute import Workers
from eclgrmd.errors import TransientError
from eclgrmd.files import FileStore
from eclgrmd.health import DEPENDENCIES, Health
from eclgrmd.store.intake.notifications import Held
from eclgrmd.store.sql.database import Database
from tests.support.settings import live


class Site:
    """The dependencies of a daemon, each of which a test can break."""

    def __init__(self) -> None:
        self.broken: dict[str, Exception] = {}
        self.connected = True
        self.oldest: tuple[datetime, str] | None = None
        self.dead = 0
        self.health = SimpleNamespace(alive=1, wanted=1, busy=0)

    def fail(self, what: str) -> None:
        if what in self.broken:
            raise self.broken[what]

    async def prove(self, _database: object, _owner: str) -> None:
        self.fail("database")

    async def publish(self, _subject: str, payload: bytes, _message_id: str) -> None:
        assert len(payload) >= 4096  # fewer bytes may fit into a page that a full disk has
        self.fail("nats")

    def check_room(self, _size: int, _reserve: int) -> None:
        self.fail("storage")

    @asynccontextmanager
    async def reading(self) -> Any:
        yield None


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site()

    async def no_tasks(*_: object) -> int:
        return 0

    async def dead(*_: object) -> int:
        return site.dead

    async def oldest(*_: object) -> tuple[datetime, str] | None:
        return site.oldest

    monkeypatch.setattr(checking, "prove_database", site.prove)
    monkeypatch.setattr(checking, "open_tasks", no_tasks)
    monkeypatch.setattr(checking, "count_dead_letters", dead)
    monkeypatch.setattr(checking, "oldest_announcement", oldest)

    async def held(*_: object) -> Held:
        return Held(2, 60.0, "the disk is full")

    monkeypatch.setattr(checking, "waiting_fetches", held)
    return site


async def checked(site: Site) -> Health:
    health = Health(
        cast("Database", site),
        cast("Bus", site),
        cast("Workers", site),
        cast("FileStore", site),
        settings=live(storage={"reserve_bytes": 1}, tasks={"max_open": 1, "fetch_wait_s": 9.0}),
        owner="me",
        set_aside={"worker ended": 2},
    )
    health.rest_ready = True
    await health.check()
    return health


async def test_all_is_well(site: Site) -> None:
    health = await checked(site)
    assert health.ready
    assert all(health.report()[name]["ok"] for name in DEPENDENCIES)


@pytest.mark.parametrize("what", ["database", "nats", "storage"])
@pytest.mark.parametrize("error", [TransientError("disk full"), ZeroDivisionError("disk full")])
async def test_what_fails_is_named_whatever_it_raises(
    site: Site, what: str, error: Exception
) -> None:
    site.broken[what] = error
    health = await checked(site)
    assert not health.ready
    assert "disk full" in health.report()[what]["fault"]
    assert [name for name in DEPENDENCIES if not health.report()[name]["ok"]] == [what]


async def test_a_bus_that_is_away_is_asked_nothing(site: Site) -> None:
    site.connected = False
    site.broken["nats"] = AssertionError("asked")
    assert (await checked(site)).report()["nats"]["fault"] == "not connected"


@pytest.mark.parametrize(("age_s", "ready"), [(299.0, True), (301.0, False)])
async def test_an_announcement_that_waits_for_too_long_is_named(
    site: Site, age_s: float, ready: bool
) -> None:
    site.oldest = utc_now() - timedelta(seconds=age_s), "vhf-sb1-1"
    health = await checked(site)
    assert health.ready is ready
    assert ("vhf-sb1-1" in health.report()["announcements"]["fault"]) is not ready


async def test_a_check_of_long_ago_says_nothing_of_now(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = await checked(site)
    assert health.ready
    now_s = time.monotonic()
    monkeypatch.setattr("eclgrmd.health.time.monotonic", lambda: now_s + 61.0)
    assert not health.ready


async def test_dead_letters_are_counted_and_leave_the_daemon_ready(site: Site) -> None:
    site.dead = 3
    health = await checked(site)
    assert health.ready
    assert health.report()["announcements"]["dead_letters"] == 3


async def test_packets_left_out_of_the_quick_look_are_counted_by_cause(site: Site) -> None:
    health = await checked(site)
    assert health.ready
    assert health.report()["quick_look"] == {"set_aside": {"worker ended": 2}}


async def test_files_that_wait_for_room_are_named_and_leave_the_daemon_ready(site: Site) -> None:
    health = await checked(site)
    assert health.ready
    assert health.report()["fetches"] == {
        "waiting": 2, "longest_s": 60.0, "limit_s": 9.0, "reason": "the disk is full",
    }  # fmt: skip

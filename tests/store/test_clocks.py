"""A clock that is set, here or on the server, neither ends a claim nor delays due work."""

import asyncio

import pytest

from eclgrmd.hints import Hints
from eclgrmd.model.messages.incoming import DataNotification, FileLink, TaskInput, TaskRequest
from eclgrmd.model.task import TaskState
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.notifications import claim_fetch, postpone_fetch, record_notification
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import Claim, claim_task
from eclgrmd.store.tasks.endings import give_back_task
from eclgrmd.store.tasks.task_views import task
from eclgrmd.store.tasks.tasks import submit_task
from eclgrmd.tasks.leases import Leases
from tests.support.settings import live

LEASE_S = 1.0


async def claim(database: Database, owner: str) -> Claim | None:
    async with database.transaction() as transaction:
        return await claim_task(transaction, owner)


async def queue(database: Database) -> None:
    async with database.transaction() as transaction:
        await record_data(transaction, DataFile("b", "a", "1" * 64, 1, "a", "", "events"))
        await submit_task(transaction, TaskRequest(id="t", burst_id="b", inputs=(TaskInput("a"),)))


async def set_clock(database: Database, hours: int) -> None:
    """Set the server's clock for our only connection."""
    async with database.reading() as transaction:
        await transaction.execute(
            "SET timestamp = UNIX_TIMESTAMP() + 3600 * %(hours)s", hours=hours
        )


@pytest.fixture
async def one(database: Database) -> Database:
    """A database with a single connection, whose clock can be set."""
    database._pool._maxsize = 1
    return database


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_claim_that_is_renewed_stands_however_the_clock_is_set(
    one: Database, hours: int
) -> None:
    await queue(one)
    mine = await claim(one, "me")
    assert mine is not None
    here, there = (Leases(one, Hints(), live(tasks={"lease_s": LEASE_S})) for _ in range(2))
    with here.renewed(mine):
        await set_clock(one, hours)
        for _ in range(8):
            await here.look()
            await there.look()
            await asyncio.sleep(LEASE_S / 4)
    assert await claim(one, "other") is None


async def test_a_claim_that_nobody_renews_is_free_after_a_lease(one: Database) -> None:
    await queue(one)
    await claim(one, "me")
    there = Leases(one, Hints(), live(tasks={"lease_s": LEASE_S}))
    await there.look()
    await there.look()
    assert await claim(one, "other") is None
    await asyncio.sleep(LEASE_S * 1.2)
    await there.look()
    again = await claim(one, "other")
    assert again is not None
    assert again.attempt == 2


async def test_who_cannot_renew_a_claim_stops_before_another_may_begin(one: Database) -> None:
    await queue(one)
    loop = asyncio.get_running_loop()
    since_s = loop.time()
    mine = await claim(one, "me")
    assert mine is not None
    leases = Leases(one, Hints(), live(tasks={"lease_s": LEASE_S}))
    with pytest.raises(TimeoutError):
        async with leases.while_valid(mine, since_s):
            await asyncio.sleep(10 * LEASE_S)
    assert loop.time() - since_s < 1.5 * LEASE_S


async def test_what_was_put_off_is_due_again_though_the_clock_was_set_back(one: Database) -> None:
    await queue(one)
    mine = await claim(one, "me")
    assert mine is not None
    link = FileLink("f", "http://x/f", 1, "0" * 64)
    async with one.transaction() as transaction:
        await give_back_task(transaction, mine, TaskState.QUEUED, "died", fault=True, delay_s=60.0)
        await record_notification(transaction, DataNotification("n", "b", (link,)))
        fetch = await claim_fetch(transaction, "me", 60.0)
        assert fetch is not None
        postpone_fetch(transaction, fetch.transfer_id, delay_s=60.0, reason="no answer")
    assert await claim(one, "me") is None
    await set_clock(one, -24)
    assert await claim(one, "me") is not None
    async with one.transaction() as transaction:
        assert await claim_fetch(transaction, "me", 60.0) is not None
        row = await task(transaction, "t")
    assert row is not None
    assert row.state == TaskState.RUNNING

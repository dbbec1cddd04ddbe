"""A task that ends in one round trip, or collides with what was changed meanwhile."""

import msgspec
import pytest
from support.vhf_packets import box_sequence

from eclgrmd.errors import TransientError
from eclgrmd.model.messages import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.store.claims import Claim, claim_task
from eclgrmd.store.data import DataFile, record_data
from eclgrmd.store.database import Database
from eclgrmd.store.endings import finish_at_once, finish_task
from eclgrmd.store.outbox import fresh_announcements
from eclgrmd.store.products import products
from eclgrmd.store.task_views import task
from eclgrmd.store.tasks import cancel_task, submit_task
from eclgrmd.store.vhf_inbox import record_packet

OUTCOME = PipelineOutcome(
    products=(ProductFile("result.json", "result", "application/json", 10, "0" * 64),),
    summary=Summary(t90_s=3.0, t0_utc="2027-02-21T17:00:00Z"),
    elapsed_s=1.0,
)


async def claimed(database: Database) -> Claim:
    async with database.transaction() as transaction:
        await record_data(transaction, DataFile("sb1", "a", "1" * 64, 1, "a", "", "events"))
        await submit_task(transaction, TaskRequest("t1", "sb1", (TaskInput("a"),)))
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "me")
    assert claim is not None
    return claim


async def finish(database: Database, claim: Claim) -> bool:
    async with database.transaction() as transaction:
        return await finish_at_once(transaction, claim, OUTCOME, "products/t1/1")


async def state(database: Database) -> tuple[str, list[str], list[str]]:
    """Give the task's state, its products and what is to be announced."""
    async with database.transaction() as transaction:
        row = await task(transaction, "t1")
        found = await products(transaction, task_id="t1")
        pending = await fresh_announcements(transaction, 100)
    assert row is not None
    return row["state"], [each["name"] for each in found], [each.message_id for each in pending]


async def look_of(database: Database) -> None:
    """Let the quick look begin to follow the burst."""
    async with database.transaction() as transaction:
        sent = box_sequence(1.0, 9.0, 500.0, burst_id="sb1")[0]
        await record_packet(transaction, sent.packet, 60.0)


async def test_it_writes_all_that_the_other_way_writes(database: Database) -> None:
    claim = await claimed(database)
    assert await finish(database, claim)
    assert await state(database) == (
        "done",
        ["result.json"],
        ["data-1-accepted", "task-t1-1", "task-t1-2", "task-t1-3", "task-t1-4", "products-t1"],
    )


async def test_it_collides_with_itself_after_a_commit_whose_answer_was_lost(
    database: Database,
) -> None:
    claim = await claimed(database)
    assert await finish(database, claim)
    before = await state(database)
    with pytest.raises(TransientError):
        await finish(database, claim)
    assert await state(database) == before
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, OUTCOME, "products/t1/1")
    assert await state(database) == before


async def test_it_collides_with_whoever_changed_the_task(database: Database) -> None:
    claim = await claimed(database)
    async with database.transaction() as transaction:
        assert await cancel_task(transaction, "t1", "enough")
    with pytest.raises(TransientError):
        await finish(database, claim)
    assert (await state(database))[:2] == ("cancelled", [])


async def test_a_quick_look_that_began_meanwhile_is_superseded_the_other_way(
    database: Database,
) -> None:
    claim = await claimed(database)
    await look_of(database)
    before = await state(database)
    with pytest.raises(TransientError):
        await finish(database, claim)
    assert await state(database) == before


async def test_a_quick_look_known_at_the_claim_is_left_to_the_other_way(
    database: Database,
) -> None:
    await look_of(database)
    claim = await claimed(database)
    before = await state(database)
    assert not await finish(database, claim)
    assert await state(database) == before


async def test_it_goes_over_another_connection_where_the_server_has_closed_one(
    database: Database,
) -> None:
    claim = await claimed(database)
    async with database.reading() as ours, database.reading() as other:
        row = await other.row("SELECT CONNECTION_ID() AS id")
        assert row is not None
        await ours.execute(f"KILL {int(row['id'])}")
    assert await finish(database, claim)
    assert (await state(database))[0] == "done"


async def test_what_it_promises_is_what_the_table_says(database: Database) -> None:
    claim = await claimed(database)
    async with database.transaction() as transaction:
        assert await finish_at_once(transaction, claim, OUTCOME, "products/t1/1")
    async with database.reading() as reading:
        in_table = await fresh_announcements(reading, 100)
    assert msgspec.json.encode(transaction.promised) == msgspec.json.encode(in_table[-2:])

"""A task ends once, together with everything that belongs to its end."""

import msgspec
import pytest

from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.outbox import fresh_announcements
from eclgrmd.store.quicklook.bursts import due_bursts, record_update
from eclgrmd.store.quicklook.inbox import record_packet
from eclgrmd.store.quicklook.views import quick_look_view
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import Claim, claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_views import task
from eclgrmd.store.tasks.tasks import cancel_task, submit_task
from tests.support.present import present
from tests.support.quicklook.packets import box_sequence
from tests.support.quicklook.updates import update

OUTCOME = PipelineOutcome(
    products=(ProductFile("result.json", "result", "application/json", 10, "0" * 64),),
    summary=Summary(instrument="GRM", t90_s=3.0, t0_utc="2027-02-21T17:00:00Z"),
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
        return await finish_task(transaction, claim, OUTCOME, "products/t1/1")


async def state(database: Database) -> tuple[str, list[str], list[str]]:
    """Return the task's state, its products and its announcements."""
    async with database.transaction() as transaction:
        row = await task(transaction, "t1")
        found = await products(transaction, task_id="t1")
        pending = await fresh_announcements(transaction, 100)
    assert row is not None
    return row.state, [each.name for each in found], [each.message_id for each in pending]


async def look_of(database: Database) -> None:
    """Start the quick look of the burst."""
    async with database.transaction() as transaction:
        sent = box_sequence(1.0, 9.0, 500.0, burst_id="sb1")[0]
        await record_packet(transaction, sent.packet, 60.0)


async def test_all_of_an_end_is_written_together(database: Database) -> None:
    claim = await claimed(database)
    assert await finish(database, claim)
    assert await state(database) == (
        "done",
        ["result.json"],
        ["data-1-accepted", "task-t1-1", "task-t1-2", "task-t1-3", "task-t1-4", "products-t1"],
    )
    async with database.reading() as reading:
        row = present(await task(reading, "t1"))
    assert present(row.summary)["t90_s"] == 3.0
    assert row.owner is None
    assert row.finished_at is not None


async def test_an_end_is_written_once_where_the_answer_to_its_commit_was_lost(
    database: Database,
) -> None:
    claim = await claimed(database)
    assert await finish(database, claim)
    before = await state(database)
    assert await finish(database, claim)
    assert await state(database) == before


async def test_a_task_that_was_cancelled_meanwhile_stays_so(database: Database) -> None:
    claim = await claimed(database)
    async with database.transaction() as transaction:
        assert await cancel_task(transaction, "t1", "enough")
    before = await state(database)
    assert not await finish(database, claim)
    assert await state(database) == before
    assert before[:2] == ("cancelled", [])


@pytest.mark.parametrize("before_the_claim", [True, False])
async def test_the_quick_look_is_superseded_whenever_it_began(
    database: Database, before_the_claim: bool
) -> None:
    if before_the_claim:
        await look_of(database)
    claim = await claimed(database)
    if not before_the_claim:
        await look_of(database)
    async with database.transaction() as transaction:
        due = await due_bursts(transaction, 1)
        assert await record_update(transaction, due[0], update(5.0), due[0].last_packet)
    assert await finish(database, claim)
    async with database.reading() as reading:
        view = await quick_look_view(reading, "sb1")
    assert view is not None
    assert (view.state, len(view.comparisons)) == ("superseded", 1)


async def test_it_goes_over_another_connection_where_the_server_has_closed_one(
    database: Database,
) -> None:
    claim = await claimed(database)
    async with database.reading() as ours, database.reading() as other:
        row = await other.row(dict, "SELECT CONNECTION_ID() AS id")
        assert row is not None
        await ours.execute(f"KILL {int(row['id'])}")
    assert await finish(database, claim)
    assert (await state(database))[0] == "done"


async def test_what_it_promises_is_what_the_table_says(database: Database) -> None:
    claim = await claimed(database)
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, OUTCOME, "products/t1/1")
    async with database.reading() as reading:
        in_table = await fresh_announcements(reading, 100)
    assert msgspec.json.encode(transaction.announcements) == msgspec.json.encode(in_table[-2:])

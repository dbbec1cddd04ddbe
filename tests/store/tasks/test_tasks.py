"""Tasks wait for their inputs, are claimed once, and end once."""

import asyncio

import pytest

from eclgrmd.errors import PermanentError
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.model.task import TRANSITIONS, TaskState
from eclgrmd.store.intake.data import DataFile, data_files, record_data
from eclgrmd.store.intake.inputs import inputs_of
from eclgrmd.store.intake.outbox import fresh_announcements, mark_published
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import (
    Claim,
    claim_task,
    recover_tasks,
    renew_claims,
    standing_claims,
    take_back_tasks,
)
from eclgrmd.store.tasks.endings import finish_task, give_back_task
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_changes import held_task
from eclgrmd.store.tasks.task_rows import TaskRow
from eclgrmd.store.tasks.task_views import task, tasks
from eclgrmd.store.tasks.tasks import (
    TaskConflictError,
    cancel_task,
    promote_tasks,
    submit_task,
)
from tests.support.present import present

OUTCOME = PipelineOutcome(
    products=(ProductFile("result.json", "result", "application/json", 10, "0" * 64),),
    summary=Summary(t90_s=3.0),
    elapsed_s=1.0,
)


def request(name: str = "t1", *inputs: str) -> TaskRequest:
    wanted = tuple(TaskInput(each) for each in inputs or ("a.fits",))
    return TaskRequest(id=name, burst_id="sb1", inputs=wanted)


def accepted(name: str, content: str = "1") -> DataFile:
    return DataFile("sb1", name, content * 64, 10, f"data/{name}", "", "events", "GRM", {})


async def send(database: Database, wanted: TaskRequest) -> bool:
    async with database.transaction() as transaction:
        return await submit_task(transaction, wanted)


async def bring(database: Database, file: DataFile) -> int:
    async with database.transaction() as transaction:
        await record_data(transaction, file)
        return await promote_tasks(transaction, file.burst_id)


async def claim(database: Database, owner: str = "me") -> Claim | None:
    async with database.transaction() as transaction:
        return await claim_task(transaction, owner)


async def state(database: Database, name: str = "t1") -> TaskRow:
    async with database.transaction() as transaction:
        row = await task(transaction, name)
    assert row is not None
    return row


async def test_a_task_waits_until_all_its_inputs_are_there(database: Database) -> None:
    await send(database, request("t1", "a.fits", "b.fits"))
    assert (await state(database)).reason == "waits for a.fits, b.fits"
    assert await bring(database, accepted("a.fits")) == 0
    assert await claim(database) is None
    assert await bring(database, accepted("b.fits")) == 1
    assert (await state(database)).state == "queued"


async def test_a_task_whose_inputs_are_there_is_queued_at_once(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request())
    changes = (await state(database)).changes
    assert [(each.number, each.state) for each in changes] == [(1, "waiting"), (2, "queued")]


async def test_a_refused_file_does_not_start_a_task(database: Database) -> None:
    await send(database, request())
    assert await bring(database, accepted("a.fits")._replace(reason="no FITS file")) == 0


async def test_a_file_that_was_refused_can_be_brought_again(database: Database) -> None:
    await send(database, request())
    await bring(database, accepted("a.fits")._replace(reason="its reader died"))
    assert await bring(database, accepted("a.fits")) == 1
    assert await bring(database, accepted("a.fits")._replace(reason="too late")) == 0
    async with database.transaction() as transaction:
        (row,) = await data_files(transaction, burst_id="sb1", state="", after=0, limit=9)
    assert (row.state, row.reason) == ("accepted", "")


async def test_a_wanted_checksum_is_waited_for(database: Database) -> None:
    exact = TaskRequest(id="t1", burst_id="sb1", inputs=(TaskInput("a.fits", "2" * 64),))
    await send(database, exact)
    assert await bring(database, accepted("a.fits", "1")) == 0
    assert await bring(database, accepted("a.fits", "2")) == 1


async def test_the_newest_file_of_a_name_is_taken(database: Database) -> None:
    await bring(database, accepted("a.fits", "1"))
    await bring(database, accepted("a.fits", "2"))
    await send(database, request())
    got = await claim(database)
    assert got is not None
    assert (await got.inputs.rows())[0].sha256 == "2" * 64


async def test_the_same_task_twice_is_one_task(database: Database) -> None:
    assert await send(database, request())
    assert not await send(database, request())
    with pytest.raises(TaskConflictError, match="asks for something else"):
        await send(database, request("t1", "other.fits"))


async def test_concurrent_arrival_of_task_and_data_never_strands_a_task(database: Database) -> None:
    for i in range(20):
        async with asyncio.TaskGroup() as group:
            group.create_task(send(database, request(f"t{i}", f"f{i}.fits")))
            group.create_task(bring(database, accepted(f"f{i}.fits")))
        assert (await state(database, f"t{i}")).state == "queued"


async def test_each_task_is_claimed_by_one(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    for i in range(10):
        await send(database, request(f"t{i}"))
    async with asyncio.TaskGroup() as group:
        claims = [group.create_task(claim(database, f"node{i}")) for i in range(4)]
    got = [each.result() for each in claims]
    names = [each.task_id for each in got if each]
    assert len(names) == len(set(names)) == 4


async def test_tasks_are_claimed_in_the_order_they_came(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    for name in ("z", "a", "m"):
        await send(database, request(name))
    got = [await claim(database) for _ in range(3)]
    assert [each.task_id for each in got if each] == ["z", "a", "m"]


async def test_a_finished_task_has_its_products_and_one_announcement(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request())
    got = await claim(database)
    assert got is not None
    async with database.transaction() as transaction:
        assert await finish_task(transaction, got, OUTCOME, "products/t1/1")
    async with database.transaction() as transaction:  # as if the answer to the commit were lost
        assert await finish_task(transaction, got, OUTCOME, "products/t1/1")
        found = await products(transaction, task_id="t1")
        pending = await fresh_announcements(transaction, 100)
    assert [each.path for each in found] == ["products/t1/1/result.json"]
    assert [each.message_id for each in pending] == [
        "data-1-accepted",
        "task-t1-1",
        "task-t1-2",
        "task-t1-3",
        "task-t1-4",
        "products-t1",
    ]
    assert present((await state(database)).summary)["t90_s"] == 3.0


async def test_a_lost_claim_cannot_record_anything(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request())
    old = await claim(database, "dead")
    assert old is not None
    async with database.transaction() as transaction:
        assert await recover_tasks(transaction, await standing_claims(transaction)) == ["t1"]
    new = await claim(database, "alive")
    assert new is not None
    assert (old.attempt, new.attempt) == (1, 2)
    async with database.transaction() as transaction:
        assert not await finish_task(transaction, old, OUTCOME, "products/t1/1")
    async with database.transaction() as transaction:
        assert await finish_task(transaction, new, OUTCOME, "products/t1/2")


async def test_a_restarted_daemon_takes_back_its_own_claims_at_once(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request())
    await claim(database, "node")
    async with database.transaction() as transaction:
        assert await take_back_tasks(transaction, "other") == []
        assert await take_back_tasks(transaction, "node") == ["t1"]


async def test_renewing_tells_which_claims_are_still_ours(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request("t1"))
    await send(database, request("t2"))
    await claim(database, "node")
    await claim(database, "node")
    async with database.transaction() as transaction:
        assert await cancel_task(transaction, "t1", "no longer wanted")
    async with database.transaction() as transaction:
        assert await renew_claims(transaction, {("t1", 1), ("t2", 1)}) == {("t2", 1)}


async def test_a_claim_renewed_since_it_was_seen_is_not_recovered(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request())
    await claim(database, "node")
    async with database.transaction() as transaction:
        seen = await standing_claims(transaction)
        assert await renew_claims(transaction, {("t1", 1)}) == {("t1", 1)}
    async with database.transaction() as transaction:
        assert await recover_tasks(transaction, seen) == []
        assert await recover_tasks(transaction, await standing_claims(transaction)) == ["t1"]


async def test_a_task_given_back_after_a_fault_is_due_later(database: Database) -> None:
    await bring(database, accepted("a.fits"))
    await send(database, request())
    got = await claim(database)
    assert got is not None
    async with database.transaction() as transaction:
        await give_back_task(
            transaction, got, TaskState.QUEUED, "worker died", fault=True, delay_s=60.0
        )
    assert await claim(database) is None
    row = await state(database)
    assert (row.state, row.faults) == ("queued", 1)


async def test_an_ended_task_cannot_be_cancelled(database: Database) -> None:
    await send(database, request())
    async with database.transaction() as transaction:
        assert await cancel_task(transaction, "t1", "first")
        assert not await cancel_task(transaction, "t1", "second")
        assert not await cancel_task(transaction, "unknown", "third")


async def test_a_transition_outside_the_table_is_an_error(database: Database) -> None:
    await send(database, request())
    async with database.transaction() as transaction:
        await transaction.execute("UPDATE task SET state = 'running' WHERE task_id = 't1'")
        held = await held_task(transaction, "t1")
        assert held is not None
        fake = Claim("t1", "sb1", request(), 0, held, inputs_of(transaction, "t1"), 0.0)
        with pytest.raises(PermanentError, match="cannot go from running to waiting"):
            await give_back_task(transaction, fake, TaskState.WAITING, "backwards")


async def test_pages_of_tasks_meet_without_overlap(database: Database) -> None:
    for i in range(7):
        await send(database, request(f"t{i}"))
    seen: list[str] = []
    after = None
    while True:
        async with database.transaction() as transaction:
            rows = await tasks(transaction, TaskQuery(limit=3), after)
        if not rows:
            break
        seen += [row.task_id for row in rows]
        after = (rows[-1].created_at, rows[-1].task_id)
    assert seen == [f"t{i}" for i in range(7)]


async def test_announcements_leave_the_outbox_once_published(database: Database) -> None:
    await send(database, request())
    async with database.transaction() as transaction:
        first = await fresh_announcements(transaction, 10)
        mark_published(transaction, tuple(each.message_id for each in first))
        assert await fresh_announcements(transaction, 10) == []


def test_no_state_but_the_final_ones_is_a_dead_end() -> None:
    ends = {state for state, after in TRANSITIONS.items() if not after}
    assert ends == {TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED}

"""People take bursts and accept results: what is valid now, the history, and the announcements."""

import pytest

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import BurstFact
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.rest.decisions import DecisionKind
from eclgrmd.model.rest.queries import BurstQuery
from eclgrmd.model.task import TaskType
from eclgrmd.store.intake.burst_lists import BurstLine, bursts
from eclgrmd.store.intake.bursts import BurstRow, burst, lock_burst
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.decisions import (
    DecisionConflictError,
    accept_result,
    claim_burst,
    decisions,
    release_burst,
    withdraw_result,
)
from eclgrmd.store.intake.outbox import fresh_announcements
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.products import main_result, main_steps, results
from eclgrmd.store.tasks.tasks import submit_task
from tests.support.present import present

RESULT = ProductFile("result.json", "result", "application/json", 10, "0" * 64)
STEPS = ProductFile("steps.msgpack", "steps", "application/msgpack", 10, "0" * 64)


async def analysed(
    database: Database,
    task_id: str,
    t90_s: float,
    burst_id: str = "sb1",
    analysis: TaskType = TaskType.BURST,
) -> None:
    """Let a task of a burst end with this T90."""
    request = TaskRequest(
        id=task_id, burst_id=burst_id, inputs=(TaskInput(name="a.fits"),), analysis=analysis
    )
    async with database.transaction() as transaction:
        file = DataFile(burst_id, "a.fits", "0" * 64, 1, "a", "", "events")
        await record_data(transaction, file)
        await submit_task(transaction, request)
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "here")
    assert claim is not None
    outcome = PipelineOutcome(
        products=(RESULT, STEPS), summary=Summary(instrument="GRM", t90_s=t90_s), elapsed_s=1.0
    )
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, outcome, f"products/{task_id}")


async def seen(database: Database, burst_id: str = "sb1") -> BurstRow:
    async with database.transaction() as transaction:
        row = await burst(transaction, burst_id)
    assert row is not None
    return row


async def listed(database: Database) -> BurstLine:
    async with database.transaction() as transaction:
        (line,) = await bursts(transaction, BurstQuery(text="sb1"))
    return line


async def test_a_burst_is_taken_released_and_taken_over(database: Database) -> None:
    async with database.transaction() as transaction:
        lock_burst(transaction, "sb1")
    assert (await seen(database)).claim is None
    async with database.transaction() as transaction:
        assert await claim_burst(transaction, "sb1", "ann", "on it", take_over=False) is None
    claim = (await seen(database)).claim
    assert claim is not None
    assert (claim.by, claim.note) == ("ann", "on it")
    assert (await listed(database)).claim == claim
    with pytest.raises(DecisionConflictError, match="ann has burst 'sb1': take it over"):
        async with database.transaction() as transaction:
            await claim_burst(transaction, "sb1", "bob", "", take_over=False)
    with pytest.raises(DecisionConflictError, match="ann has burst 'sb1', not bob"):
        async with database.transaction() as transaction:
            await release_burst(transaction, "sb1", "bob")
    async with database.transaction() as transaction:
        assert await claim_burst(transaction, "sb1", "bob", "", take_over=True) == "ann"
        assert await release_burst(transaction, "sb1", "bob")
        assert not await release_burst(transaction, "sb1", "bob")
    assert (await seen(database)).claim is None
    async with database.transaction() as transaction:
        told = await decisions(transaction, "sb1", after=0, limit=10)
        later = await decisions(transaction, "sb1", after=told[0].id, limit=1)
    assert [(each.kind, each.who) for each in told] == [
        (DecisionKind.CLAIMED, "ann"),
        (DecisionKind.TAKEN_OVER, "bob"),
        (DecisionKind.RELEASED, "bob"),
    ]
    assert later == told[1:2]


async def test_decisions_are_announced_in_their_order(database: Database) -> None:
    async with database.transaction() as transaction:
        lock_burst(transaction, "sb1")
        await claim_burst(transaction, "sb1", "ann", "", take_over=False)
        await release_burst(transaction, "sb1", "ann")
    async with database.transaction() as transaction:
        found = await fresh_announcements(transaction, 10)
    facts = [each.fact for each in found if isinstance(each.fact, BurstFact)]
    assert [(fact.change, fact.who, fact.link) for fact in facts] == [
        (DecisionKind.CLAIMED, "ann", "/bursts/sb1"),
        (DecisionKind.RELEASED, "ann", "/bursts/sb1"),
    ]
    assert {each.chain for each in found} == {"burst-sb1"}
    assert found[0].note == "ann takes burst sb1"


async def test_the_result_of_record_stands_for_its_burst(database: Database) -> None:
    await analysed(database, "first", 3.0)
    await analysed(database, "second", 4.0)
    assert (await listed(database)).t90_s == 4.0
    async with database.transaction() as transaction:
        assert await accept_result(transaction, "sb1", "first", "ann", "better background") is None
    line = await listed(database)
    assert line.t90_s == 3.0
    assert line.record is not None
    assert (line.record.task_id, line.record.by) == ("first", "ann")
    assert (await seen(database)).record == line.record

    await analysed(database, "third", 5.0)
    assert (await listed(database)).t90_s == 3.0, "a later run changes nothing"
    assert await catalogue(database) == ["first"]
    assert await catalogue(database, superseded=True) == ["first", "second", "third"]

    async with database.transaction() as transaction:
        assert await accept_result(transaction, "sb1", "second", "bob", "more data") == "first"
    assert await catalogue(database) == ["second"]
    async with database.transaction() as transaction:
        assert await withdraw_result(transaction, "sb1", "bob", "gap in the data") == "second"
        assert await withdraw_result(transaction, "sb1", "bob", "again") is None
    line = await listed(database)
    assert (line.t90_s, line.record) == (5.0, None)
    assert await catalogue(database) == ["first", "second", "third"]
    async with database.transaction() as transaction:
        told = await decisions(transaction, "sb1", after=0, limit=10)
    assert [(each.kind, each.task_id, each.who, each.reason) for each in told] == [
        (DecisionKind.ACCEPTED, "first", "ann", "better background"),
        (DecisionKind.ACCEPTED, "second", "bob", "more data"),
        (DecisionKind.WITHDRAWN, "second", "bob", "gap in the data"),
    ]
    assert all(each.at <= utc_now() for each in told)


async def test_the_main_result_is_that_of_record_or_else_of_the_last_whole_analysis(
    database: Database,
) -> None:
    async def main() -> str:
        async with database.reading() as transaction:
            found = present(await main_result(transaction, "sb1"))
            steps = present(await main_steps(transaction, "sb1"))
        assert found.task_id == steps.task_id
        return found.task_id

    await analysed(database, "durations", 3.0, analysis=TaskType.TEMPORAL)
    await analysed(database, "spectra", 3.0, analysis=TaskType.SPECTRAL)
    assert await main() == "spectra", "the last one"
    await analysed(database, "whole", 3.0)
    await analysed(database, "durations-again", 3.0, analysis=TaskType.TEMPORAL)
    assert await main() == "whole"
    async with database.transaction() as transaction:
        await accept_result(transaction, "sb1", "durations", "ann", "better background")
    assert await main() == "durations"
    async with database.reading() as transaction:
        named = present(await main_steps(transaction, "sb1", "spectra"))
    assert named.task_id == "spectra"


async def test_only_a_result_of_the_burst_is_accepted(database: Database) -> None:
    await analysed(database, "other", 3.0, burst_id="sb2")
    waiting = TaskRequest(id="waits", burst_id="sb1", inputs=(TaskInput(name="never.fits"),))
    async with database.transaction() as transaction:
        await submit_task(transaction, waiting)
    for task_id, complaint in (
        ("other", "burst 'sb1' has no task 'other'"),
        ("nobody", "burst 'sb1' has no task 'nobody'"),
        ("waits", "task 'waits' is waiting"),
    ):
        with pytest.raises(DecisionConflictError, match=complaint):
            async with database.transaction() as transaction:
                await accept_result(transaction, "sb1", task_id, "ann", "why")
    assert (await seen(database)).record is None


async def catalogue(database: Database, *, superseded: bool = False) -> list[str]:
    async with database.transaction() as transaction:
        found = await results(transaction, after="", limit=10, superseded=superseded)
    return [each.task_id for each in found]

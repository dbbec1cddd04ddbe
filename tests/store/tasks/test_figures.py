"""Figures are claimed, fenced, recorded and announced like results, after them."""

import pytest

from eclgrmd.model.messages.facts import ProductsFact
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import FiguresOutcome, PipelineOutcome, ProductFile, Summary
from eclgrmd.model.task import FiguresState, TaskState
from eclgrmd.store.intake.outbox import fresh_announcements
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import (
    claim_task,
    recover_tasks,
    renew_claims,
    standing_claims,
    take_back_tasks,
)
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.figures import (
    FiguresClaim,
    claim_figures,
    finish_figures,
    give_back_figures,
    want_figures,
)
from eclgrmd.store.tasks.task_rows import TaskRow
from eclgrmd.store.tasks.task_views import task
from eclgrmd.store.tasks.tasks import submit_task
from tests.store.tasks.test_tasks import accepted, bring

RESULT = ProductFile("result.json", "result", "application/json", 10, "0" * 64)
STEPS = ProductFile("steps.msgpack", "steps", "application/vnd.msgpack", 12, "2" * 64)
FIGURE = ProductFile("GRM-LC.png", "figure", "image/png", 11, "1" * 64)
DRAWN = FiguresOutcome(products=(FIGURE,), log=())


async def have_result(database: Database, name: str, figures: FiguresState) -> None:
    """Submit a task and record its result, whose figures are still to come."""
    await bring(database, accepted("a.fits"))
    async with database.transaction() as transaction:
        await submit_task(transaction, TaskRequest(name, "sb1", (TaskInput("a.fits"),)))
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "node")
    assert claim is not None
    outcome = PipelineOutcome(
        products=(RESULT, STEPS), summary=Summary(t90_s=3.0), elapsed_s=1.0, figures=figures
    )
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, outcome, f"products/{name}.1")


async def claimed(database: Database, owner: str = "node") -> FiguresClaim | None:
    async with database.transaction() as transaction:
        return await claim_figures(transaction, owner)


async def now(database: Database, name: str) -> TaskRow:
    async with database.transaction() as transaction:
        row = await task(transaction, name)
    assert row is not None
    return row


async def announced(database: Database, name: str) -> list[ProductsFact]:
    async with database.transaction() as transaction:
        found = await fresh_announcements(transaction, 100)
    facts = [each.fact for each in found if each.chain == name]
    return [fact for fact in facts if isinstance(fact, ProductsFact)]


async def test_the_result_is_announced_first_and_all_products_with_the_figures(
    database: Database,
) -> None:
    await have_result(database, "t1", FiguresState.QUEUED)
    first = await announced(database, "t1")
    assert [[link.name for link in fact.products] for fact in first] == [
        ["result.json", "steps.msgpack"]
    ]
    assert first[0].figures is FiguresState.QUEUED
    assert (await now(database, "t1")).state is TaskState.DONE

    claim = await claimed(database)
    assert claim is not None
    assert (claim.attempt, await claim.steps.value()) == (2, "products/t1.1/steps.msgpack")
    assert (await now(database, "t1")).figures is FiguresState.RUNNING
    for _ in range(2):  # the answer to the first commit may be lost
        async with database.transaction() as transaction:
            assert await finish_figures(transaction, claim, DRAWN, "products/t1.2")
    second = (await announced(database, "t1"))[1]
    assert {link.name for link in second.products} == {
        "result.json",
        "steps.msgpack",
        "GRM-LC.png",
    }
    assert (second.figures, second.reason) == (FiguresState.DONE, "")
    assert second.summary == first[0].summary
    row = await now(database, "t1")
    assert (row.figures, row.attempts, row.drawings) == (FiguresState.DONE, 1, 1)
    assert await claimed(database) is None


async def test_a_lost_claim_records_no_figures(database: Database) -> None:
    await have_result(database, "t1", FiguresState.QUEUED)
    old = await claimed(database, "one")
    assert old is not None
    async with database.transaction() as transaction:
        seen = await standing_claims(transaction)
        assert await renew_claims(transaction, {("t1", 2)}) == {("t1", 2)}
    async with database.transaction() as transaction:
        assert await recover_tasks(transaction, seen) == []  # renewed since
        assert await recover_tasks(transaction, await standing_claims(transaction)) == ["t1"]
    row = await now(database, "t1")
    assert (row.state, row.figures) == (TaskState.DONE, FiguresState.QUEUED)
    assert row.figures_reason == "its daemon was lost"
    new = await claimed(database, "two")
    assert new is not None
    assert new.attempt == 3
    async with database.transaction() as transaction:
        assert await renew_claims(transaction, {("t1", 2), ("t1", 3)}) == {("t1", 3)}
        assert not await finish_figures(transaction, old, DRAWN, "products/t1.2")
        assert not await give_back_figures(transaction, old, FiguresState.FAILED, "lost")
    async with database.transaction() as transaction:
        assert await finish_figures(transaction, new, DRAWN, "products/t1.3")
    assert len(await announced(database, "t1")) == 2


async def test_a_restarted_daemon_queues_its_figures_again(database: Database) -> None:
    await have_result(database, "t1", FiguresState.QUEUED)
    assert await claimed(database, "me") is not None
    async with database.transaction() as transaction:
        assert await take_back_tasks(transaction, "other") == []
        assert await take_back_tasks(transaction, "me") == ["t1"]
    assert await claimed(database, "me") is not None


async def test_a_failure_of_figures_is_announced_and_the_result_stands(database: Database) -> None:
    await have_result(database, "t1", FiguresState.QUEUED)
    claim = await claimed(database)
    assert claim is not None
    async with database.transaction() as transaction:
        assert await give_back_figures(transaction, claim, FiguresState.FAILED, "no ink")
    first, second = await announced(database, "t1")
    assert second.products == first.products
    assert (second.figures, second.reason) == (FiguresState.FAILED, "no ink")
    row = await now(database, "t1")
    assert (row.state, row.figures, row.figures_reason) == (
        TaskState.DONE,
        FiguresState.FAILED,
        "no ink",
    )
    assert await claimed(database) is None


async def test_a_fault_is_counted_and_the_figures_are_drawn_again_later(
    database: Database,
) -> None:
    await have_result(database, "t1", FiguresState.QUEUED)
    claim = await claimed(database)
    assert claim is not None
    async with database.transaction() as transaction:
        assert await give_back_figures(
            transaction, claim, FiguresState.QUEUED, "killed", fault=True, delay_s=3000.0
        )
    assert await claimed(database) is None
    row = await now(database, "t1")
    assert (row.figures, row.faults) == (FiguresState.QUEUED, 1)


@pytest.mark.parametrize("figures", [FiguresState.NONE, FiguresState.LATER])
async def test_figures_that_nobody_requests_are_not_drawn(
    database: Database, figures: FiguresState
) -> None:
    await have_result(database, "t1", figures)
    assert await claimed(database) is None
    facts = await announced(database, "t1")
    assert [fact.figures for fact in facts] == [figures]


async def test_the_first_request_has_figures_drawn_once(database: Database) -> None:
    await have_result(database, "t1", FiguresState.LATER)
    for _ in range(2):
        async with database.transaction() as transaction:
            assert await want_figures(transaction, "t1") is FiguresState.QUEUED
    claim = await claimed(database)
    assert claim is not None
    async with database.transaction() as transaction:
        assert await want_figures(transaction, "t1") is FiguresState.RUNNING
        assert await want_figures(transaction, "unknown") is FiguresState.NONE
    assert await claimed(database) is None
    async with database.transaction() as transaction:
        assert await finish_figures(transaction, claim, DRAWN, "products/t1.2")
        assert await want_figures(transaction, "t1") is FiguresState.DONE

"""Automatic tasks are decided from rows: once, by any daemon, and again after a crash."""

import asyncio
from typing import Any

import pytest

from eclgrmd.hints import Hints
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.settings.daemon import AutomaticSettings
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.paging import Page
from eclgrmd.store.tasks.automatic import held_files
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_rows import TaskRow
from eclgrmd.store.tasks.task_views import tasks
from eclgrmd.tasks.activation import Activation
from tests.support.settings import live

AT_ONCE = AutomaticSettings(debounce_s=0.0, joint_wait_s=0.0)
OUTCOME = PipelineOutcome(
    products=(ProductFile("result.json", "result", "application/json", 10, "0" * 64),),
    summary=Summary(t90_s=3.0),
    elapsed_s=1.0,
)


def activation(database: Database, rules: AutomaticSettings = AT_ONCE) -> Activation:
    return Activation(database, Hints(), settings=live(automatic=rules), full=lambda: False)


async def bring(database: Database, name: str, kind: str, content: str = "1") -> None:
    file = DataFile("sb1", name, content * 64, 10, f"data/{name}", "", kind, "GRM", {"version": 1})
    async with database.transaction() as transaction:
        await record_data(transaction, file)


async def listed(database: Database) -> Page[TaskRow]:
    async with database.transaction() as transaction:
        return await tasks(transaction, TaskQuery(burst_id="sb1"))


async def run_one(database: Database) -> str:
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "me")
    assert claim is not None
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, OUTCOME, f"products/{claim.task_id}/1")
    return claim.task_id


async def test_a_file_makes_a_task_once(database: Database) -> None:
    await bring(database, "lc.fits", "light_curve")
    planner = activation(database)
    assert await planner.order_next()
    assert not await planner.order_next()
    rows = await listed(database)
    assert sorted((row.series, row.state) for row in rows) == [
        ("joint", "queued"),
        ("temporal-GRM", "queued"),
    ]


async def test_two_daemons_make_one_set_of_tasks(database: Database) -> None:
    await bring(database, "lc.fits", "light_curve")
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(activation(database).order_next(), name=str(number))
    assert len(await listed(database)) == 2


async def test_a_crash_in_the_middle_of_a_decision_leaves_the_burst_due(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bring(database, "lc.fits", "light_curve")

    def crash(*_: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("eclgrmd.tasks.activation.plan_again", crash)
    with pytest.raises(RuntimeError):
        await activation(database).order_next()
    assert await listed(database) == []
    monkeypatch.undo()
    assert await activation(database).order_next()
    assert len(await listed(database)) == 2


async def test_a_task_that_waits_is_replaced_when_more_comes(database: Database) -> None:
    rules = AutomaticSettings(debounce_s=0.0, analyses=("temporal",))
    planner = activation(database, rules)
    await bring(database, "evt_v01.fits", "events", "1")
    await planner.order_next()
    await bring(database, "evt_v02.fits", "events", "2")
    await planner.order_next()
    first, second = await listed(database)
    assert (first.state, second.state) == ("cancelled", "queued")
    assert first.reason.startswith(f"replaced by {second.task_id}")
    assert (first.proc_ver, second.proc_ver) == (1, 1)


async def test_a_later_version_supersedes_what_is_done_and_keeps_it(database: Database) -> None:
    rules = AutomaticSettings(debounce_s=0.0, analyses=("temporal",))
    planner = activation(database, rules)
    await bring(database, "evt_v01.fits", "events", "1")
    await planner.order_next()
    old = await run_one(database)
    await bring(database, "evt_v02.fits", "events", "2")
    await planner.order_next()
    new = await run_one(database)
    async with database.transaction() as transaction:
        found = await products(transaction, burst_id="sb1")
        files = await held_files(transaction, "sb1")
    assert [(p.task_id, p.proc_ver, p.superseded_by) for p in found] == [
        (old, 1, new),
        (new, 2, None),
    ]
    assert [file.name for file in files] == ["evt_v01.fits", "evt_v02.fits"]


async def test_an_old_version_that_ends_late_is_superseded_at_once(database: Database) -> None:
    rules = AutomaticSettings(debounce_s=0.0, analyses=("temporal",))
    planner = activation(database, rules)
    await bring(database, "evt_v01.fits", "events", "1")
    await planner.order_next()
    async with database.transaction() as transaction:
        old = await claim_task(transaction, "me")
    assert old is not None
    await bring(database, "evt_v02.fits", "events", "2")
    await planner.order_next()
    new = await run_one(database)
    async with database.transaction() as transaction:
        assert await finish_task(transaction, old, OUTCOME, "products/old/1")
    rows = {row.task_id: row for row in await listed(database)}
    assert rows[old.task_id].superseded_by == new
    assert rows[new].superseded_by is None


async def test_a_refused_file_starts_nothing(database: Database) -> None:
    async with database.transaction() as transaction:
        await record_data(transaction, DataFile("sb1", "x", "1" * 64, 1, "data/x", "no FITS file"))
    assert not await activation(database).order_next()

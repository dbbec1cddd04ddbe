"""An input that reveals a fault of eclgrmd fails alone, with its reason; the daemon goes on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from eclgrmd.aio.polling import is_fatal
from eclgrmd.errors import FatalError, PermanentError
from eclgrmd.files import FileStore
from eclgrmd.hints import Hints
from eclgrmd.ingest.receive import Expected, Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.settings.daemon import AutomaticSettings
from eclgrmd.store.intake.data import DataFile, data_files, record_data
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.task_views import task, tasks
from eclgrmd.store.tasks.tasks import submit_task
from eclgrmd.tasks import activation
from eclgrmd.tasks.activation import Activation
from eclgrmd.tasks.planner import Holdings, Plan, plan
from eclgrmd.tasks.runner import TaskRunner
from tests.support.answering import Answering
from tests.support.limits import LIMIT_S
from tests.support.settings import live


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path, "me")
    store.open()
    return store


async def bring(database: Database, burst_id: str, content: str = "1") -> None:
    file = DataFile(
        burst_id, "lc.fits", content * 64, 10, "x", "", "light_curve", "GRM", {"version": 1}
    )
    async with database.transaction() as transaction:
        await record_data(transaction, file)


async def test_what_does_not_fit_into_a_column_is_no_reason_to_try_again(
    database: Database,
) -> None:
    with pytest.raises(PermanentError, match="cannot hold it"):
        await bring(database, 101 * "b")


async def test_a_task_whose_end_cannot_be_recorded_fails_with_that_reason(
    database: Database, files: FileStore
) -> None:
    too_long = ProductFile(201 * "n", "result", "application/json", 10, "0" * 64)
    outcome = PipelineOutcome(products=(too_long,), summary=Summary(), elapsed_s=1.0)
    await bring(database, "sb1")
    async with database.transaction() as transaction:
        request = TaskRequest(id="t1", burst_id="sb1", inputs=(TaskInput("lc.fits"),))
        await submit_task(transaction, request)
    runner = TaskRunner(
        database,
        files,
        Answering(outcome),
        Hints(),
        owner="me",
        slots=1,
        settings=live(),
        metrics=Metrics(),
    )
    stop, row = asyncio.Event(), None
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(runner.run(stop))
        while row is None or row.state in ("queued", "running"):
            await asyncio.sleep(0.05)
            async with database.transaction() as transaction:
                row = await task(transaction, "t1")
        stop.set()
    assert row.state == "failed"
    assert "its end could not be recorded: PermanentError: the database cannot" in row.reason
    async with database.transaction() as transaction:
        assert await claim_task(transaction, "me") is None


async def test_a_fatal_error_is_no_fault_of_the_task_that_meets_it(
    database: Database, files: FileStore
) -> None:
    await bring(database, "sb1")
    async with database.transaction() as transaction:
        request = TaskRequest(id="t1", burst_id="sb1", inputs=(TaskInput("lc.fits"),))
        await submit_task(transaction, request)
    runner = TaskRunner(
        database,
        files,
        Answering(FatalError("the database server refuses our login")),
        Hints(),
        owner="me",
        slots=1,
        settings=live(),
        metrics=Metrics(),
    )
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(LIMIT_S):
            await runner.run(asyncio.Event())
    assert is_fatal(caught.value)
    async with database.transaction() as transaction:
        row = await task(transaction, "t1")
    assert row is not None
    assert row.state == "running"  # taken back at the next start


async def test_a_file_that_our_reader_stumbles_over_is_refused(
    database: Database, files: FileStore
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"SIMPLE"

    readers = Answering(KeyError("TSTART"))
    receiver = Receiver(
        database,
        files,
        readers,
        Hints(),
        settings=live(storage={"reserve_bytes": 0}),
        metrics=Metrics(),
    )
    row, new = await receiver.receive(Expected("sb1", "a.fits", None, None, 100), chunks())
    assert new
    assert row.state == "refused"
    assert "a.fits: eclgrmd failed to read it: KeyError: 'TSTART'" in row.reason
    async with database.transaction() as transaction:
        found = await data_files(transaction, burst_id="sb1", state="", after=0, limit=9)
    assert [each.name for each in found] == ["a.fits"]


async def test_a_burst_that_cannot_be_planned_keeps_no_other_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbling(rules: AutomaticSettings, holdings: Holdings, *rest: Any) -> Plan:
        if holdings.burst_id == "sb1":
            raise ZeroDivisionError
        return plan(rules, holdings, *rest)

    async def planned() -> set[str]:
        async with database.transaction() as transaction:
            rows = await tasks(transaction, TaskQuery())
        return {row.burst_id for row in rows}

    monkeypatch.setattr(activation, "plan", stumbling)
    await bring(database, "sb1")
    await bring(database, "sb2")
    rules = {"debounce_s": 0.0, "joint_wait_s": 0.0}
    planner = Activation(database, Hints(), settings=live(automatic=rules), full=lambda: False)
    assert await planner.order_next()
    assert await planner.order_next()
    assert not await planner.order_next()
    assert await planned() == {"sb2"}
    monkeypatch.undo()
    assert not await planner.order_next()
    await bring(database, "sb1", "2")
    assert await planner.order_next()
    assert await planned() == {"sb1", "sb2"}

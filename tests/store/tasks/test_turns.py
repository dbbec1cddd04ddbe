"""Tasks are claimed in the order VHF, first analyses, repeated ones, and none waits for ever."""

from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, Summary
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.task_views import open_tasks
from eclgrmd.store.tasks.tasks import submit_task

OUTCOME = PipelineOutcome(products=(), summary=Summary(), elapsed_s=1.0)


async def queue(database: Database, name: str, burst_id: str, *, vhf: bool = False) -> None:
    async with database.transaction() as transaction:
        file = DataFile(burst_id, "a.fits", "1" * 64, 10, "a", "", "events", "GRM", {})
        await record_data(transaction, file)
        request = TaskRequest(id=name, burst_id=burst_id, inputs=(TaskInput("a.fits"),))
        await submit_task(transaction, request, vhf=vhf)


async def run_next(database: Database) -> str:
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "me")
        assert claim is not None
        assert await finish_task(transaction, claim, OUTCOME, "x")
    return claim.task_id


async def test_vhf_goes_before_x_band_before_an_analysis_done_before(database: Database) -> None:
    await queue(database, "first", "sb1")
    assert await run_next(database) == "first"
    await queue(database, "again", "sb1")
    await queue(database, "x-band", "sb2")
    await queue(database, "vhf", "sb3", vhf=True)
    assert [await run_next(database) for _ in range(3)] == ["vhf", "x-band", "again"]


async def test_nothing_waits_behind_what_came_more_than_an_hour_later(database: Database) -> None:
    await queue(database, "first", "sb1")
    await run_next(database)
    await queue(database, "again", "sb1")
    async with database.transaction() as transaction:
        await transaction.execute(
            "UPDATE task SET turn_at = turn_at - INTERVAL 61 MINUTE WHERE task_id = 'again'"
        )
    await queue(database, "x-band", "sb2")
    await queue(database, "vhf", "sb3", vhf=True)
    assert await run_next(database) == "again"


async def test_open_tasks_are_counted_up_to_a_limit(database: Database) -> None:
    for number in range(3):
        await queue(database, f"t{number}", "sb1")
    async with database.transaction() as transaction:
        assert await open_tasks(transaction, 10) == 3
        assert await open_tasks(transaction, 2) == 2
    await run_next(database)
    async with database.transaction() as transaction:
        assert await open_tasks(transaction, 10) == 2

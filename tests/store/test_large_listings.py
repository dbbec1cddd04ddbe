"""Pages of lists are bounded in bytes, whatever the rows hold."""

from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.store.access.audit import audit, record
from eclgrmd.store.intake.data import data_files
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.task_views import tasks
from eclgrmd.store.tasks.tasks import submit_task

ROWS, LARGE = 60, 60_000
MOST_BYTES = 2_200_000
"""The bound on the content of a page, and something for its other columns."""


async def test_tasks_with_long_reasons_and_configurations(database: Database) -> None:
    async with database.transaction() as transaction:
        for number in range(ROWS):
            large = {"detectors": ["N" * LARGE]}
            await submit_task(
                transaction,
                TaskRequest(f"t{number}", "b1", (TaskInput("a.fits"),), configuration=large),
            )
        await transaction.execute("UPDATE task SET reason = %(long)s", long="x" * LARGE)
    seen: list[str] = []
    after = None
    while True:
        async with database.transaction() as transaction:
            page = await tasks(transaction, TaskQuery(limit=1000), after)
        assert (
            sum(len(str(row.request.configuration)) + len(row.reason) for row in page) <= MOST_BYTES
        )
        seen += [row.task_id for row in page]
        if not page.more:
            break
        after = page[-1].created_at, page[-1].task_id
    assert sorted(seen) == sorted(f"t{number}" for number in range(ROWS))


async def test_an_audit_of_many_large_states(database: Database) -> None:
    async with database.transaction() as transaction:
        for number in range(1000):
            state = {"text": "\U0001f4a5" * 2000}
            record(transaction, who="x", action="y", subject=str(number), before=state, after=state)
    seen: list[str] = []
    more = True
    after = 0
    while more:
        async with database.reading() as transaction:
            page = await audit(transaction, after=after, limit=1000)
        size = sum(len((row.before or "") + (row.after or "")) * 4 for row in page)
        assert size <= MOST_BYTES
        seen += [row.subject for row in page]
        more, after = page.more, page[-1].id
    assert seen == [str(number) for number in range(1000)]


async def test_data_files_with_long_reasons(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.execute("INSERT INTO burst (burst_id, created_at) VALUES ('b1', NOW())")
        for number in range(ROWS):
            await transaction.execute(
                "INSERT INTO data_file "
                "(burst_id, name, sha256, size, path, state, reason, received_at) "
                "VALUES ('b1', %(name)s, %(sha256)s, 1, '', 'refused', %(reason)s, NOW())",
                name=f"f{number}.fits",
                sha256="0" * 64,
                reason="x" * LARGE,
            )
        page = await data_files(transaction, burst_id="b1", state="", after=0, limit=1000)
    assert 0 < len(page) * LARGE <= MOST_BYTES
    assert page.more

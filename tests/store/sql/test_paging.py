"""Listings are bounded in bytes as well as in rows, and leave nothing out."""

from datetime import datetime

import pytest

from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.model.task import TaskType
from eclgrmd.store.intake.data import DataFile, data_files, record_data
from eclgrmd.store.sql import paging
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.paging import Sized, read_page
from eclgrmd.store.tasks.task_views import tasks
from eclgrmd.store.tasks.tasks import submit_task


class Numbered(Sized, frozen=True):
    id: int
    """Position in the table."""


class Table:
    """A table of rows of given sizes that counts how many are read."""

    def __init__(self, *sizes: int) -> None:
        self.rows = [Numbered(id=i, bytes=size) for i, size in enumerate(sizes)]
        self.read = 0

    async def sizes(self, last: Numbered | None, number: int) -> list[Numbered]:
        first = last.id + 1 if last else 0
        return self.rows[first : first + number]

    async def whole(self, found: list[Numbered]) -> list[Numbered]:
        self.read += sum(row.bytes for row in found)
        return [self.rows[row.id] for row in found]


@pytest.mark.parametrize(
    ("sizes", "limit", "listed", "more"),
    [
        ((), 5, 0, False),
        ((1,) * 3, 5, 3, False),
        ((1,) * 5, 5, 5, False),
        ((1,) * 6, 5, 5, True),
        ((40,) * 6, 5, 2, True),  # 100 bytes a page
        ((40, 40, 20), 5, 3, False),
        ((400,) * 2, 5, 1, True),  # a page of its own
        ((400,), 5, 1, False),
        ((1,) * 100, 100, 100, False),
        ((1,) * 200, 150, 100, True),
        ((1,) * 50 + (51,), 100, 50, True),
    ],
)
async def test_a_page_has_as_many_rows_as_fit(
    monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], limit: int, listed: int, more: bool
) -> None:
    monkeypatch.setattr(paging, "_MOST_BYTES", 100)
    table = Table(*sizes)
    page = await read_page(table.sizes, table.whole, limit)
    assert [row.id for row in page] == list(range(listed))
    assert page.more is more
    assert table.read == sum(sizes[:listed])


async def test_large_tasks_are_listed_page_by_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "_MOST_BYTES", 250_000)
    names = [f"t{number:02d}" for number in range(7)]
    async with database.transaction() as transaction:
        for name in names:
            large = {"detectors": ["x" * 100_000]}
            await submit_task(
                transaction, TaskRequest(name, "b", (TaskInput("a"),), TaskType.BURST, large)
            )
    listed: list[str] = []
    after: tuple[datetime, str] | None = None
    sizes = []
    more = True
    while more:
        async with database.reading() as reading:
            page = await tasks(reading, TaskQuery(burst_id="b"), after)
        listed += [row.task_id for row in page]
        sizes.append(len(page))
        after, more = (page[-1].created_at, page[-1].task_id), page.more
    assert listed == names
    assert sizes == [2, 2, 2, 1]


async def test_large_descriptions_are_listed_page_by_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "_MOST_BYTES", 250_000)
    async with database.transaction() as transaction:
        for number in range(5):
            description = {"version": None, "columns": ["x" * 100_000]}
            file = DataFile(
                "b", f"{number}.fits", 64 * "0", 1, "a", "", "events", "GRM", description
            )
            await record_data(transaction, file)
    async with database.reading() as reading:
        first = await data_files(reading, burst_id="b", state="", after=0, limit=100)
        rest = await data_files(reading, burst_id="b", state="", after=first[-1].id, limit=2)
    assert (len(first), first.more) == (2, True)
    assert [row.name for row in rest] == ["2.fits", "3.fits"]
    assert rest.more

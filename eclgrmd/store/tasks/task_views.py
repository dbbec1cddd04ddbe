"""Queries on tasks for REST: one task, a page of tasks, and the number of open tasks."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from eclgrmd.model.rest.queries import AgeOrder, TaskQuery
from eclgrmd.store.sql.connections import Row
from eclgrmd.store.sql.filters import given, time_of
from eclgrmd.store.sql.paging import Page, Sized, read_page
from eclgrmd.store.sql.transaction import Transaction

from .task_rows import TaskChange, TaskRow

__all__ = ["open_tasks", "task", "tasks"]

_COLUMNS = (
    "task_id, burst_id, analysis, state, reason, priority, request, attempts, faults, owner, "
    "created_at, started_at, finished_at, summary, series, proc_ver, incomplete, "
    "superseded_by, figures, figures_reason, drawings"
)
_FILTER = (
    "(%(burst)s IS NULL OR burst_id = %(burst)s) AND (%(state)s IS NULL OR state = %(state)s) "
    "AND (%(analysis)s IS NULL OR analysis = %(analysis)s) "
    "AND (%(origin)s IS NULL OR (series = '') = (%(origin)s = 'sent')) "
    "AND (%(from_time)s IS NULL OR created_at >= %(from_time)s) "
    "AND (%(to_time)s IS NULL OR created_at < %(to_time)s) "
    "AND (%(text)s IS NULL OR LOCATE(LOWER(%(text)s), LOWER(CONCAT_WS(' ', task_id, burst_id, "
    "reason))))"
)
"""Conditions on a task; a filter that is NULL matches everything."""


class _SortKey(Sized, frozen=True):
    task_id: str
    created_at: datetime


async def task(transaction: Transaction, task_id: str) -> TaskRow | None:
    """Return one task with its state changes; None if there is no such task."""
    row = await transaction.row(
        Row, f"SELECT {_COLUMNS} FROM task WHERE task_id = %(task)s", task=task_id
    )
    if row is None:
        return None
    changes = await transaction.rows(
        TaskChange,
        "SELECT number, state, reason, at FROM task_change WHERE task_id = %(task)s "
        "ORDER BY number",
        task=task_id,
    )
    return replace(_decoded(row), changes=tuple(changes))


async def tasks(
    transaction: Transaction, query: TaskQuery, after: tuple[datetime, str] | None = None
) -> Page[TaskRow]:
    """Return a page of tasks.

    Parameters
    ----------
    after
        Time of creation and id of the task before the page; None: begin with the first task.
    """
    beyond, way = ("<", "DESC") if query.sort is AgeOrder.NEWEST else (">", "ASC")

    async def sizes(last: _SortKey | None, number: int) -> list[_SortKey]:
        previous = (last.created_at, last.task_id) if last else after
        return await transaction.rows(
            _SortKey,
            "SELECT task_id, created_at, LENGTH(request) + COALESCE(LENGTH(summary), 0) "
            "+ LENGTH(reason) + LENGTH(figures_reason) AS bytes "
            f"FROM task WHERE {_FILTER} AND (%(at)s IS NULL OR (created_at {beyond}= %(at)s "
            f"AND (created_at {beyond} %(at)s OR task_id {beyond} %(task)s))) "
            f"ORDER BY created_at {way}, task_id {way} LIMIT %(number)s",
            burst=given(query.burst_id),
            state=given(query.state),
            analysis=given(query.analysis),
            origin=given(query.origin),
            from_time=time_of(query.created_from),
            to_time=time_of(query.created_to),
            text=given(query.text),
            at=previous[0] if previous else None,
            task=previous[1] if previous else "",
            number=number,
        )

    async def whole(found: list[_SortKey]) -> list[TaskRow]:
        rows = await transaction.rows(
            Row,
            f"SELECT {_COLUMNS} FROM task WHERE task_id IN %(tasks)s "
            f"ORDER BY created_at {way}, task_id {way}",
            tasks=tuple(row.task_id for row in found),
        )
        return [_decoded(row) for row in rows]

    return await read_page(sizes, whole, query.limit)


async def open_tasks(transaction: Transaction, most: int) -> int:
    """Count the tasks that have not ended, up to `most`."""
    number = await transaction.value(
        int,
        "SELECT COUNT(*) FROM (SELECT 1 FROM task "
        "WHERE state IN ('waiting', 'queued', 'running') LIMIT %(most)s) AS still",
        most=most,
    )
    return number or 0


def _decoded(row: Row) -> TaskRow:
    summary = row["summary"]
    texts = {
        "request": msgspec.json.decode(row["request"]),
        "summary": msgspec.json.decode(summary) if summary else None,
    }
    return msgspec.convert({**row, **texts}, TaskRow)

"""Queries on tasks for REST: one task, a page of tasks, and the number of open tasks."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from eclgrmd.store.sql.connections import Row
from eclgrmd.store.sql.paging import Page, Sized, read_page
from eclgrmd.store.sql.transaction import Transaction

from .task_rows import TaskChange, TaskRow

__all__ = ["open_tasks", "task", "tasks"]

_COLUMNS = (
    "task_id, burst_id, analysis, state, reason, priority, request, attempts, faults, owner, "
    "created_at, started_at, finished_at, summary, series, proc_ver, incomplete, "
    "superseded_by, figures, figures_reason, drawings"
)


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
    transaction: Transaction,
    *,
    burst_id: str,
    state: str,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Page[TaskRow]:
    """Return tasks by time of creation; an empty filter matches everything.

    Parameters
    ----------
    after
        Time of creation and id of the task before the page; None: begin with the first task.
    """

    async def sizes(last: _SortKey | None, number: int) -> list[_SortKey]:
        previous = (last.created_at, last.task_id) if last else after
        return await transaction.rows(
            _SortKey,
            "SELECT task_id, created_at, LENGTH(request) + COALESCE(LENGTH(summary), 0) AS bytes "
            "FROM task WHERE (%(burst)s = '' OR burst_id = %(burst)s) "
            "AND (%(state)s = '' OR state = %(state)s) AND (%(at)s IS NULL OR "
            "created_at > %(at)s OR (created_at = %(at)s AND task_id > %(task)s)) "
            "ORDER BY created_at, task_id LIMIT %(number)s",
            burst=burst_id,
            state=state,
            at=previous[0] if previous else None,
            task=previous[1] if previous else "",
            number=number,
        )

    async def whole(found: list[_SortKey]) -> list[TaskRow]:
        rows = await transaction.rows(
            Row,
            f"SELECT {_COLUMNS} FROM task WHERE task_id IN %(tasks)s ORDER BY created_at, task_id",
            tasks=tuple(row.task_id for row in found),
        )
        return [_decoded(row) for row in rows]

    return await read_page(sizes, whole, limit)


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

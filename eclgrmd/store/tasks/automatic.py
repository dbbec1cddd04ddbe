"""Queries of the planner: due bursts, their files, and their automatic tasks."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, structs

from eclgrmd.clock import utc_now
from eclgrmd.model.file_set import HeldFile
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.store.sql.transaction import Transaction

from .task_rows import AutomaticInput
from .tasks import TaskConflictError, cancel_task, submit_task
from .versions import Version

__all__ = [
    "DueBurst",
    "automatic_tasks",
    "held_files",
    "next_plan",
    "order_task",
    "plan_again",
    "take_due_burst",
]


class DueBurst(NamedTuple):
    """A locked burst that the planner has to look at, because its files changed or a wait ended."""

    burst_id: str
    """Id of the burst."""
    expected: tuple[str, ...]
    """Instruments that a notification announced data of; empty: unknown."""
    arriving: bool
    """Whether announced files are still being fetched."""


class _Expecting(Struct, frozen=True):
    burst_id: str
    expected: str


class _File(Struct, frozen=True):
    data_id: int
    name: str
    sha256: str
    received_at: datetime
    kind: str | None
    instrument: str | None
    reason: str
    description: str | None


async def take_due_burst(transaction: Transaction) -> DueBurst | None:
    """Lock and return the burst that has been due for longest; None if no burst is due."""
    row = await transaction.row(
        _Expecting,
        "SELECT burst_id, expected FROM burst WHERE plan_at <= %(now)s ORDER BY plan_at LIMIT 1 "
        "FOR UPDATE SKIP LOCKED",
        now=utc_now(),
    )
    if row is None:
        return None
    arriving = await transaction.value(
        int,
        "SELECT transfer_id FROM transfer WHERE burst_id = %(burst)s AND state = 'open' LIMIT 1",
        burst=row.burst_id,
    )
    expected = tuple(name for name in row.expected.split(",") if name)
    return DueBurst(row.burst_id, expected, arriving is not None)


async def next_plan(transaction: Transaction) -> datetime | None:
    """Return when the next burst becomes due, UTC without zone; None if none will."""
    return await transaction.value(datetime, "SELECT MIN(plan_at) FROM burst")


def plan_again(transaction: Transaction, burst_id: str, at: datetime | None) -> None:
    """Set when the planner looks at a burst again; None: when its files change."""
    transaction.later(
        "UPDATE burst SET plan_at = %(at)s WHERE burst_id = %(burst)s", at=at, burst=burst_id
    )


async def held_files(transaction: Transaction, burst_id: str) -> list[HeldFile]:
    """Return all files of a burst, including refused and cleaned ones."""
    rows = await transaction.rows(
        _File,
        "SELECT data_id, name, sha256, received_at, kind, instrument, reason, description "
        "FROM data_file WHERE burst_id = %(burst)s ORDER BY data_id",
        burst=burst_id,
    )
    return [_held_file(row) for row in rows]


async def automatic_tasks(transaction: Transaction, burst_id: str) -> list[AutomaticInput]:
    """Return the automatic tasks of a burst, one row for each input of a task."""
    return await transaction.rows(
        AutomaticInput,
        "SELECT t.task_id, t.series, t.state, t.proc_ver, i.sha256 FROM task t "
        "JOIN task_input i ON i.task_id = t.task_id "
        "WHERE t.burst_id = %(burst)s AND t.series <> '' ORDER BY t.created_at, t.task_id",
        burst=burst_id,
    )


async def order_task(
    transaction: Transaction, request: TaskRequest, version: Version, replaces: tuple[str, ...]
) -> bool:
    """Cancel the replaced tasks and submit an automatic one; return False if it exists already."""
    for task_id in replaces:
        await cancel_task(transaction, task_id, f"replaced by {request.id}: more data have come")
    try:
        return await submit_task(transaction, request, version=version)
    except TaskConflictError:
        return False  # a sender has used the same id for another task


def _held_file(row: _File) -> HeldFile:
    description: dict[str, Any] = msgspec.json.decode(row.description or "null") or {}
    fields = structs.asdict(row)
    del fields["description"]
    fields["version"] = description.get("version")
    fields["reason"] = row.reason or description.get("reason", "")
    return msgspec.convert(fields, HeldFile)

"""What the planner reads and writes: when to look at a burst, its files, and its versions."""

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
    """A burst whose files have changed since it was last looked at; the transaction holds it."""

    burst_id: str
    expected: tuple[str, ...]
    """Instruments that a notification named."""
    arriving: bool
    """Announced files are still being fetched."""


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
    """Hold the burst that has been due for longest; None: there is none."""
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
    """Tell when the next burst becomes due."""
    return await transaction.value(datetime, "SELECT MIN(plan_at) FROM burst")


def plan_again(transaction: Transaction, burst_id: str, at: datetime | None) -> None:
    """Set when a burst is looked at again; None: when something comes."""
    transaction.later(
        "UPDATE burst SET plan_at = %(at)s WHERE burst_id = %(burst)s", at=at, burst=burst_id
    )


async def held_files(transaction: Transaction, burst_id: str) -> list[HeldFile]:
    """List all files of a burst, those that were refused or cleaned among them."""
    rows = await transaction.rows(
        _File,
        "SELECT data_id, name, sha256, received_at, kind, instrument, reason, description "
        "FROM data_file WHERE burst_id = %(burst)s ORDER BY data_id",
        burst=burst_id,
    )
    return [_held_file(row) for row in rows]


async def automatic_tasks(transaction: Transaction, burst_id: str) -> list[AutomaticInput]:
    """List the automatic tasks of a burst, once for each of their inputs."""
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
    """Make an automatic task in the place of those that it replaces; False: it was known."""
    for task_id in replaces:
        await cancel_task(transaction, task_id, f"replaced by {request.id}: more data have come")
    try:
        return await submit_task(transaction, request, version=version)
    except TaskConflictError:
        return False  # somebody has sent a task of this very name


def _held_file(row: _File) -> HeldFile:
    told: dict[str, Any] = msgspec.json.decode(row.description or "null") or {}
    found = structs.asdict(row)
    del found["description"]
    found |= {"version": told.get("version"), "reason": row.reason or told.get("reason", "")}
    return msgspec.convert(found, HeldFile)

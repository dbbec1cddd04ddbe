"""Claims: a daemon's right to run a task, its renewal, and the recovery of lost claims."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.clock import utc_now
from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.task import FiguresState, TaskState
from eclgrmd.store.intake.inputs import InputFile, inputs_of
from eclgrmd.store.sql.transaction import Answer, Transaction

from .products import step_outcomes
from .task_changes import change_figures, change_task
from .task_rows import HELD_COLUMNS, HeldTask, QueuedTask
from .versions import SENT, Version

__all__ = [
    "LONGEST_DELAY_S",
    "NUMBER",
    "Attempt",
    "Claim",
    "Lease",
    "claim_task",
    "put_off",
    "recover_tasks",
    "renew_claims",
    "standing_claims",
    "take_back_tasks",
]

NUMBER = "attempts + drawings"
"""SQL of the number of a task's last claim, the fencing token."""
LONGEST_DELAY_S = 3600
"""Longest delay before a retry. A due time further ahead comes from a clock that was later set
back; such a task counts as due."""


Attempt = tuple[str, int]
"""Id of a task and number of one of its claims."""


class Claim(NamedTuple):
    """The right to run a task for as long as it is renewed."""

    task_id: str
    """Id of the task."""
    burst_id: str
    """Burst that the task analyses."""
    request: TaskRequest
    """What the sender or the planner asked for."""
    attempt: int
    """Number of this claim among those of the task, from 1; also the fencing token."""
    held: HeldTask
    """The row of the task after the claim."""
    inputs: Answer[InputFile]
    """Its `inputs_of`; readable once the claim is committed."""
    waited_s: float
    """Time from the creation of the task to this claim, seconds."""
    version: Version = SENT
    """Which version of the analysis the task makes."""
    trigger_utc: str = ""
    """Trigger time that a notification gave for the burst, ISO-8601 UTC; empty: none did."""
    earlier: Answer[str] | None = None
    """Path of the kept step outcomes of the task that this one repeats; None: it is no re-run."""

    @property
    def faults(self) -> int:
        """Number of earlier attempts whose worker died or exceeded its time or memory."""
        return self.held.faults


class Lease(Struct, frozen=True):
    """A claim and its renewals so far; a claim whose lease stays the same for too long is lost."""

    task_id: str
    """Id of the task."""
    attempt: int
    """Number of the claim, from 1."""
    renewals: int
    """Number of times that the owner has renewed the claim."""


async def claim_task(transaction: Transaction, owner: str) -> Claim | None:
    """Claim the next queued task; return None if none is due.

    A task whose request this version cannot decode fails, and the next one is claimed.
    """
    while (row := await _next_task(transaction)) is not None:
        attempt = row.attempts + 1
        held = replace(
            await change_task(transaction, row, TaskState.RUNNING, f"attempt {attempt}"),
            attempts=attempt,
        )
        transaction.later(
            "UPDATE task SET owner = %(owner)s, renewals = 0, attempts = %(attempt)s, "
            "started_at = COALESCE(started_at, %(now)s) WHERE task_id = %(task)s",
            owner=owner,
            attempt=attempt,
            now=utc_now(),
            task=row.task_id,
        )
        try:
            request = decode_json(row.request, TaskRequest, what="the stored task")
        except InputError as error:
            # Another version of eclgrmd accepted it. It must not block the tasks behind it.
            await change_task(transaction, held, TaskState.FAILED, str(error))
        else:
            return _claim(transaction, row, held, request)
    return None


async def _next_task(transaction: Transaction) -> QueuedTask | None:
    return await transaction.row(
        QueuedTask,
        f"SELECT {HELD_COLUMNS}, request, created_at, (SELECT trigger_utc FROM burst "
        "WHERE burst.burst_id = task.burst_id) AS trigger_utc "
        "FROM task WHERE state = 'queued' AND (due_at <= NOW(6) "
        "OR due_at > NOW(6) + INTERVAL %(longest)s SECOND) "
        "ORDER BY turn_at, task_id LIMIT 1 FOR UPDATE SKIP LOCKED",
        longest=LONGEST_DELAY_S,
    )


def _claim(
    transaction: Transaction, row: QueuedTask, held: HeldTask, request: TaskRequest
) -> Claim:
    again = request.rerun_of
    return Claim(
        task_id=row.task_id,
        burst_id=row.burst_id,
        request=request,
        attempt=held.attempts,
        held=held,
        inputs=inputs_of(transaction, row.task_id),
        waited_s=(utc_now() - row.created_at).total_seconds(),
        version=Version(row.series, row.proc_ver, row.incomplete),
        trigger_utc=row.trigger_utc or "",
        earlier=step_outcomes(transaction, again) if again else None,
    )


async def renew_claims(transaction: Transaction, ours: Collection[Attempt]) -> set[Attempt]:
    """Renew the claims of this daemon and return those that still stand."""
    if not ours:
        return set()
    running = await transaction.rows(
        Lease,
        f"SELECT task_id, {NUMBER} AS attempt, renewals FROM task "
        "WHERE task_id IN %(tasks)s AND owner IS NOT NULL",
        tasks=tuple({task_id for task_id, _ in ours}),
    )
    standing = {(lease.task_id, lease.attempt) for lease in running} & set(ours)
    for task_id, attempt in standing:
        transaction.later(
            "UPDATE task SET renewals = renewals + 1 WHERE task_id = %(task)s "
            f"AND owner IS NOT NULL AND {NUMBER} = %(attempt)s",
            task=task_id,
            attempt=attempt,
        )
    return standing


async def standing_claims(transaction: Transaction) -> set[Lease]:
    """Return the leases of all claimed tasks."""
    leases = await transaction.rows(
        Lease,
        f"SELECT task_id, {NUMBER} AS attempt, renewals FROM task WHERE owner IS NOT NULL",
    )
    return set(leases)


async def recover_tasks(transaction: Transaction, lost: Iterable[Lease]) -> list[str]:
    """Queue the tasks, or their figures, whose leases were not renewed since; return their ids."""
    recovered = []
    for lease in lost:
        held = await transaction.row(
            HeldTask,
            f"SELECT {HELD_COLUMNS} FROM task WHERE task_id = %(task)s AND owner IS NOT NULL "
            f"AND {NUMBER} = %(attempt)s AND renewals = %(renewals)s FOR UPDATE SKIP LOCKED",
            task=lease.task_id,
            attempt=lease.attempt,
            renewals=lease.renewals,
        )
        if held:
            await _queue_again(transaction, held)
            recovered.append(lease.task_id)
    return recovered


async def take_back_tasks(transaction: Transaction, owner: str) -> list[str]:
    """Queue what this owner was computing before it was restarted; return the ids of the tasks."""
    rows = await transaction.rows(
        HeldTask,
        f"SELECT {HELD_COLUMNS} FROM task WHERE owner = %(owner)s FOR UPDATE",
        owner=owner,
    )
    for held in rows:
        await _queue_again(transaction, held)
    return [held.task_id for held in rows]


async def _queue_again(transaction: Transaction, held: HeldTask) -> None:
    """Queue the analysis, or the figures, whose claim was lost."""
    reason = "its daemon was lost"
    if held.state is TaskState.RUNNING:
        await change_task(transaction, held, TaskState.QUEUED, reason)
    else:
        change_figures(transaction, held.task_id, FiguresState.QUEUED, reason)


def put_off(transaction: Transaction, task_id: str, *, faults: int, delay_s: float) -> None:
    """Record the faults of a task so far, and let nothing claim it before the delay is over."""
    transaction.later(
        "UPDATE task SET faults = %(faults)s, due_at = NOW(6) + INTERVAL %(delay_s)s SECOND "
        "WHERE task_id = %(task)s",
        faults=faults,
        delay_s=min(delay_s, LONGEST_DELAY_S),
        task=task_id,
    )

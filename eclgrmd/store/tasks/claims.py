"""Claims on tasks: who runs one, and for how long."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.clock import utc_now
from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.task import TaskState
from eclgrmd.store.intake.inputs import InputFile, inputs_of
from eclgrmd.store.sql.transaction import Answer, Transaction

from .products import step_outcomes
from .task_changes import change_task
from .task_rows import HELD_COLUMNS, HeldTask, QueuedTask
from .versions import SENT, Version

__all__ = [
    "LONGEST_DELAY_S",
    "Attempt",
    "Claim",
    "Lease",
    "claim_task",
    "recover_tasks",
    "renew_claims",
    "standing_claims",
    "take_back_tasks",
]

LONGEST_DELAY_S = 3600
"""What is due later than this was put off by a clock that has been set back since."""


Attempt = tuple[str, int]
"""A task, and which of its attempts."""


class Claim(NamedTuple):
    """The right to run a task, as long as it is renewed."""

    task_id: str
    burst_id: str
    request: TaskRequest
    attempt: int
    """Counts the claims of this task from 1; also the fencing token."""
    held: HeldTask
    """Its row as it was claimed."""
    inputs: Answer[InputFile]
    """Its `inputs_of`, known once the claim is committed."""
    waited_s: float
    """From its creation to this claim."""
    version: Version = SENT
    trigger_utc: str = ""
    """Reference time of the burst as it was told, ISO-8601 UTC; empty: nobody told."""
    earlier: Answer[str] | None = None
    """Path of the step outcomes of the task that this one does again, if it does."""

    @property
    def faults(self) -> int:
        """How often its worker died or ran out of time or memory."""
        return self.held.faults


class Lease(Struct, frozen=True):
    """A claim as it was last renewed: who sees the same one for too long takes it for lost."""

    task_id: str
    attempt: int
    renewals: int


async def claim_task(transaction: Transaction, owner: str) -> Claim | None:
    """Take the next task that can run; one that cannot be read any more has failed."""
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
            request = decode_json(row.request, TaskRequest, what="the task as it is kept")
        except InputError as error:
            # Another version has taken it: nothing that is behind it has to wait for that.
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
    """Keep our claims; give those that still stand."""
    if not ours:
        return set()
    running = await transaction.rows(
        Lease,
        "SELECT task_id, attempts AS attempt, renewals FROM task "
        "WHERE task_id IN %(tasks)s AND state = 'running'",
        tasks=tuple({task_id for task_id, _ in ours}),
    )
    standing = {(lease.task_id, lease.attempt) for lease in running} & set(ours)
    for task_id, attempt in standing:
        transaction.later(
            "UPDATE task SET renewals = renewals + 1 WHERE task_id = %(task)s "
            "AND state = 'running' AND attempts = %(attempt)s",
            task=task_id,
            attempt=attempt,
        )
    return standing


async def standing_claims(transaction: Transaction) -> set[Lease]:
    """List the claims on all running tasks, each as it was last renewed."""
    leases = await transaction.rows(
        Lease, "SELECT task_id, attempts AS attempt, renewals FROM task WHERE state = 'running'"
    )
    return set(leases)


async def recover_tasks(transaction: Transaction, lost: Iterable[Lease]) -> list[str]:
    """Queue again the tasks whose claims nobody has renewed since."""
    recovered = []
    for lease in lost:
        held = await transaction.row(
            HeldTask,
            f"SELECT {HELD_COLUMNS} FROM task WHERE task_id = %(task)s AND state = 'running' "
            "AND attempts = %(attempt)s AND renewals = %(renewals)s FOR UPDATE SKIP LOCKED",
            task=lease.task_id,
            attempt=lease.attempt,
            renewals=lease.renewals,
        )
        if held:
            await change_task(transaction, held, TaskState.QUEUED, "its daemon was lost")
            recovered.append(lease.task_id)
    return recovered


async def take_back_tasks(transaction: Transaction, owner: str) -> list[str]:
    """Queue again what this owner was running in a former life."""
    rows = await transaction.rows(
        HeldTask,
        f"SELECT {HELD_COLUMNS} FROM task WHERE state = 'running' AND owner = %(owner)s FOR UPDATE",
        owner=owner,
    )
    for held in rows:
        await change_task(transaction, held, TaskState.QUEUED, "its daemon was lost")
    return [held.task_id for held in rows]

"""Tables `task` and `task_input`: submission, queueing and cancellation of tasks."""

from datetime import timedelta
from enum import IntEnum

import msgspec
from msgspec import structs

from eclgrmd.clock import utc_now
from eclgrmd.errors import PermanentError
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.task import FINAL_STATES, TaskState
from eclgrmd.store.intake.bursts import lock_burst
from eclgrmd.store.intake.data import accepted_names
from eclgrmd.store.intake.enquiries import ask_now
from eclgrmd.store.intake.inputs import inputs_of
from eclgrmd.store.sql.transaction import Transaction

from .task_changes import change_task, held_task, note_change
from .task_rows import HeldTask
from .versions import SENT, Version

__all__ = ["Priority", "TaskConflictError", "cancel_task", "promote_tasks", "submit_task"]

_ALL_THERE = "all inputs are there"
"""Reason of the change to QUEUED."""
_NAMED_INPUTS = 3
"""Missing inputs that a reason names, so that it stays one readable line."""


class Priority(IntEnum):
    """Order in which tasks are analysed; small numbers go first."""

    VHF = 0
    """Data from the VHF network, which arrive within seconds."""
    X_BAND = 10
    """Full data, analysed for the first time."""
    AGAIN = 20
    """An analysis that the burst has had before."""


_HANDICAP = {
    Priority.VHF: timedelta(0),
    Priority.X_BAND: timedelta(minutes=10),
    Priority.AGAIN: timedelta(hours=1),
}
"""Delay added to the time of arrival when tasks are sorted. A task that has waited for longer than
the difference goes before one of higher priority, so that none waits for ever."""


class TaskConflictError(PermanentError):
    """Another task with the same id exists and asks for something else."""


async def submit_task(
    transaction: Transaction, request: TaskRequest, *, vhf: bool = False, version: Version = SENT
) -> bool:
    """Submit a task; return False if the same task was submitted before.

    Parameters
    ----------
    vhf
        Whether the data come from the VHF network: such a task has the highest priority.
    version
        Which version of an automatic analysis the task makes.

    Raises
    ------
    TaskConflictError
        If another task has the same id.
    """
    lock_burst(transaction, request.burst_id)
    text = msgspec.json.encode(request, order="deterministic").decode()
    known, again = await _known(transaction, request)
    if known is not None:
        if known != text:
            raise TaskConflictError(f"task {request.id!r} is known and asks for something else")
        return False
    missing = await _missing_now(transaction, request)
    priority = Priority.VHF if vhf else Priority.AGAIN if again else Priority.X_BAND
    reasons = {TaskState.WAITING: _waiting_reason(missing)}
    if not missing:
        reasons[TaskState.QUEUED] = _ALL_THERE
    state, reason = list(reasons.items())[-1]
    task = HeldTask(
        task_id=request.id,
        burst_id=request.burst_id,
        analysis=request.analysis,
        state=state,
        attempts=0,
        faults=0,
        changes=len(reasons),
        series=version.series,
        proc_ver=version.proc_ver,
        incomplete=version.incomplete,
    )
    transaction.later(
        "INSERT INTO task (task_id, burst_id, analysis, state, reason, priority, request, changes, "
        "series, proc_ver, incomplete, created_at, due_at, turn_at) VALUES (%(task_id)s, "
        "%(burst_id)s, %(analysis)s, %(state)s, %(reason)s, %(priority)s, %(request)s, "
        "%(changes)s, %(series)s, %(proc_ver)s, %(incomplete)s, %(now)s, NOW(6), "
        "NOW(6) + INTERVAL %(handicap_s)s SECOND)",
        **structs.asdict(task),
        reason=reason,
        priority=priority,
        request=text,
        now=utc_now(),
        handicap_s=_HANDICAP[priority].total_seconds(),
    )
    for position, wanted in enumerate(request.inputs):
        transaction.later(
            "INSERT INTO task_input (task_id, position, name, sha256) "
            "VALUES (%(task)s, %(position)s, %(name)s, %(sha256)s)",
            task=request.id,
            position=position,
            name=wanted.name,
            sha256=wanted.sha256,
        )
    for number, (came_to, why) in enumerate(reasons.items(), start=1):
        await note_change(transaction, task, number, came_to, why)
    if missing:
        ask_now(transaction, request.burst_id)
    return True


async def promote_tasks(transaction: Transaction, burst_id: str) -> int:
    """Queue the waiting tasks of a locked burst whose inputs are all there; return their number."""
    waiting = await transaction.values(
        str,
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND state = 'waiting' "
        "ORDER BY created_at, task_id",
        burst=burst_id,
    )
    promoted = 0
    for task_id in waiting:
        inputs = await inputs_of(transaction, task_id).rows()
        if any(each.path is None for each in inputs):
            continue
        held = await held_task(transaction, task_id)
        if held and held.state is TaskState.WAITING:  # it may have been cancelled meanwhile
            await change_task(transaction, held, TaskState.QUEUED, _ALL_THERE)
            promoted += 1
    return promoted


async def cancel_task(transaction: Transaction, task_id: str, reason: str) -> bool:
    """Cancel a task; return False if it has ended or does not exist."""
    held = await held_task(transaction, task_id)
    if held is None or held.state in FINAL_STATES:
        return False
    await change_task(transaction, held, TaskState.CANCELLED, reason)
    return True


async def _known(transaction: Transaction, request: TaskRequest) -> tuple[str | None, bool]:
    """Return the stored request with this id, if any, and whether the burst had this analysis."""
    known = transaction.ask(
        str, "SELECT request FROM task WHERE task_id = %(task)s", task=request.id
    )
    again = transaction.ask(
        int,
        "SELECT EXISTS (SELECT 1 FROM task WHERE burst_id = %(burst)s AND state = 'done' "
        "AND analysis = %(analysis)s)",
        burst=request.burst_id,
        analysis=request.analysis,
    )
    return await known.value(), bool(await again.value())


async def _missing_now(transaction: Transaction, request: TaskRequest) -> list[str]:
    names = [wanted.name for wanted in request.inputs]
    there = await accepted_names(transaction, request.burst_id, names)
    return [
        wanted.name
        for wanted in request.inputs
        if not any(name == wanted.name and wanted.sha256 in {None, sha} for name, sha in there)
    ]


def _waiting_reason(missing: list[str]) -> str:
    if not missing:
        return "received"
    hidden = len(missing) - _NAMED_INPUTS
    more = f" and {hidden} more" if hidden > 0 else ""
    return f"waits for {', '.join(missing[:_NAMED_INPUTS])}{more}"

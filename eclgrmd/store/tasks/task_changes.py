"""Table `task_change`: state changes, checked by the transition table and announced."""

from msgspec.structs import replace

from eclgrmd.clock import utc_now
from eclgrmd.errors import PermanentError
from eclgrmd.model.messages.facts import TaskFact
from eclgrmd.model.task import FINAL_STATES, TRANSITIONS, TaskState
from eclgrmd.store.intake.inputs import InputFile, inputs_of, notifications_of
from eclgrmd.store.intake.outbox import announce
from eclgrmd.store.sql.announcement import caused_by, change_id, verdict_id
from eclgrmd.store.sql.transaction import Transaction

from .task_rows import HELD_COLUMNS, HeldTask
from .versions import origin_of

__all__ = ["change_task", "held_task", "note_change"]


async def held_task(transaction: Transaction, task_id: str) -> HeldTask | None:
    """Lock and return a task; None if there is no such task."""
    return await transaction.row(
        HeldTask,
        f"SELECT {HELD_COLUMNS} FROM task WHERE task_id = %(task)s FOR UPDATE",
        task=task_id,
    )


async def change_task(
    transaction: Transaction, held: HeldTask, state: TaskState, reason: str
) -> HeldTask:
    """Change the state of a locked task, clear its owner, and return the changed row.

    Raises
    ------
    PermanentError
        If the transition table (`model.task.TRANSITIONS`) does not allow the change.
    """
    before = held.state
    if state not in TRANSITIONS[before]:
        raise PermanentError(f"task {held.task_id!r} cannot go from {before} to {state}")
    number = held.changes + 1
    transaction.later(
        "UPDATE task SET state = %(state)s, reason = %(reason)s, changes = %(changes)s, "
        "owner = NULL, finished_at = %(finished_at)s WHERE task_id = %(task)s",
        state=state,
        reason=reason,
        changes=number,
        finished_at=utc_now() if state in FINAL_STATES else None,
        task=held.task_id,
    )
    await note_change(transaction, held, number, state, reason)
    return replace(held, state=state, changes=number)


async def note_change(
    transaction: Transaction, task: HeldTask, number: int, state: TaskState, reason: str
) -> None:
    """Record and announce a state change."""
    task_id, now = task.task_id, utc_now()
    transaction.later(
        "INSERT INTO task_change (task_id, number, state, reason, at) "
        "VALUES (%(task)s, %(number)s, %(state)s, %(reason)s, %(now)s)",
        task=task_id,
        number=number,
        state=state,
        reason=reason,
        now=now,
    )
    causes = [change_id(task_id, number - 1)] if number > 1 else []
    inputs: list[InputFile] = []
    if state is TaskState.QUEUED:
        inputs = await inputs_of(transaction, task_id).rows()
        data = dict.fromkeys(row.data_id for row in inputs if row.data_id)
        causes += [verdict_id(each, "accepted") for each in data]
    fact = TaskFact(
        at=now.isoformat() + "Z",
        causes=caused_by(*causes),
        task_id=task_id,
        burst_id=task.burst_id,
        analysis=task.analysis,
        origin=origin_of(task),
        state=state,
        reason=reason,
        number=number,
        link=f"/task/{task_id}",
        notifications=notifications_of(inputs),
    )
    announce(transaction, change_id(task_id, number), fact, f"Task {task_id} is {state}")

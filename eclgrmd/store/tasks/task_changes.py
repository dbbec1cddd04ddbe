"""Table `task_change`: state changes, checked by the transition table and announced."""

from datetime import datetime

from msgspec.structs import replace

from eclgrmd.clock import utc_now
from eclgrmd.errors import PermanentError
from eclgrmd.model.messages.facts import TaskFact
from eclgrmd.model.task import FINAL_STATES, TRANSITIONS, FiguresState, TaskState
from eclgrmd.store.intake.inputs import InputFile, inputs_of, notifications_of
from eclgrmd.store.intake.outbox import announce
from eclgrmd.store.sql.announcement import caused_by, change_id, verdict_id
from eclgrmd.store.sql.transaction import Answer, Transaction

from .task_rows import HELD_COLUMNS, HeldTask
from .versions import origin_of

__all__ = ["change_figures", "change_task", "held_task", "moment", "note_change", "queued_at"]


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


def change_figures(
    transaction: Transaction, task_id: str, state: FiguresState, reason: str = ""
) -> None:
    """Change the state of the figures of a locked task and clear its owner."""
    transaction.later(
        "UPDATE task SET figures = %(state)s, figures_reason = %(reason)s, owner = NULL "
        "WHERE task_id = %(task)s",
        state=state,
        reason=reason,
        task=task_id,
    )


def queued_at(transaction: Transaction, task_id: str) -> Answer[datetime]:
    """Query when a task was queued for the first time: then all its inputs were there."""
    return transaction.ask(
        datetime,
        "SELECT MIN(at) FROM task_change WHERE task_id = %(task)s AND state = 'queued'",
        task=task_id,
    )


def moment(at: datetime | None) -> str:
    """Return a UTC time without zone in ISO-8601; empty for None."""
    return "" if at is None else at.isoformat() + "Z"


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

"""The end of an attempt at a task: done with products, failed, or queued again."""

import msgspec

from eclgrmd.model.pipeline import PipelineOutcome
from eclgrmd.model.task import FiguresState, TaskState
from eclgrmd.store.intake.bursts import set_main_results
from eclgrmd.store.quicklook.bursts import quick_look_version, supersede_quick_look
from eclgrmd.store.sql.announcement import change_id, products_id
from eclgrmd.store.sql.transaction import Answer, Transaction

from .announcing import announce_products
from .claims import Claim, put_off
from .products import record_products
from .task_changes import change_task, queued_at
from .versions import supersede

__all__ = ["finish_task", "give_back_task"]


async def finish_task(
    transaction: Transaction, claim: Claim, outcome: PipelineOutcome, folder: str
) -> bool:
    """Record the products of a task as done and announce them; return False if the claim was lost.

    The call is idempotent: repeated after a commit whose response was lost, it returns True and
    changes nothing.
    """
    standing = _standing(transaction, claim)
    quick_look = quick_look_version(transaction, claim.burst_id)
    state = await standing.value()
    if state is not TaskState.RUNNING:
        return state is TaskState.DONE
    reason = f"{len(outcome.products)} products"
    done = await change_task(transaction, claim.held, TaskState.DONE, reason)
    transaction.later(
        "UPDATE task SET summary = %(summary)s, figures = %(figures)s, faults = 0, "
        "due_at = NOW(6) WHERE task_id = %(task)s",
        summary=msgspec.json.encode(outcome.summary).decode(),
        figures=outcome.figures,
        task=claim.task_id,
    )
    record_products(
        transaction,
        task_id=claim.task_id,
        burst_id=claim.burst_id,
        folder=folder,
        files=outcome.products,
    )
    succession = await supersede(transaction, done)
    if succession.superseded_by is None:
        set_main_results(transaction, claim.burst_id, outcome.summary)
    if await quick_look.value() is not None:
        await supersede_quick_look(transaction, claim.burst_id, claim.task_id, outcome.summary)
    announce_products(
        transaction,
        done,
        message_id=products_id(claim.task_id),
        cause=change_id(claim.task_id, done.changes),
        note=_note(claim.task_id, outcome.figures),
        products=outcome.products,
        inputs=await claim.inputs.rows(),
        summary=msgspec.to_builtins(outcome.summary),
        succession=succession,
        figures=outcome.figures,
        ready_at=await queued_at(transaction, claim.task_id).value(),
    )
    return True


async def give_back_task(
    transaction: Transaction,
    claim: Claim,
    state: TaskState,
    reason: str,
    *,
    fault: bool = False,
    delay_s: float = 0.0,
) -> bool:
    """End an attempt without products; return False if the claim was lost.

    Parameters
    ----------
    state
        FAILED, or QUEUED for a retry.
    reason
        Why the attempt ended, for people.
    fault
        Whether the worker died or exceeded its time or memory.
    delay_s
        Pause before the retry, seconds.
    """
    if await _standing(transaction, claim).value() is not TaskState.RUNNING:
        return False
    await change_task(transaction, claim.held, state, reason)
    put_off(transaction, claim.task_id, faults=claim.faults + fault, delay_s=delay_s)
    return True


def _note(task_id: str, figures: FiguresState) -> str:
    match figures:
        case FiguresState.QUEUED:
            return f"Results of task {task_id} are available, figures follow"
        case FiguresState.LATER:
            return f"Results of task {task_id} are available, figures on request"
        case _:
            return f"Products of task {task_id} are available"


def _standing(transaction: Transaction, claim: Claim) -> Answer[TaskState]:
    """Lock a task and query its state; there is no row if the task was claimed again since."""
    return transaction.ask(
        TaskState,
        "SELECT state FROM task WHERE task_id = %(task)s AND attempts = %(attempt)s FOR UPDATE",
        task=claim.task_id,
        attempt=claim.attempt,
    )

"""The figures of tasks: claimed, drawn and announced after the result, by the same rules."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.clock import utc_now
from eclgrmd.model.pipeline import FiguresOutcome, ProductFile
from eclgrmd.model.task import FiguresState
from eclgrmd.store.intake.inputs import InputFile, inputs_of, kept_inputs
from eclgrmd.store.sql.announcement import figures_id, products_id
from eclgrmd.store.sql.transaction import Answer, Transaction

from .announcing import announce_products
from .claims import LONGEST_DELAY_S, NUMBER, put_off
from .products import record_products, step_outcomes
from .task_changes import change_figures, queued_at
from .task_rows import HELD_COLUMNS, HeldTask
from .versions import succession_of

__all__ = [
    "FiguresClaim",
    "claim_figures",
    "finish_figures",
    "give_back_figures",
    "want_figures",
]


class FiguresClaim(NamedTuple):
    """The right to draw the figures of a task for as long as it is renewed."""

    task_id: str
    """Id of the task."""
    burst_id: str
    """Burst that the task analysed."""
    attempt: int
    """Number of this claim among all claims of the task; also the fencing token."""
    held: HeldTask
    """The row of the task after the claim."""
    files: Answer[InputFile]
    """Kept files with the names of its inputs; readable once the claim is committed."""
    steps: Answer[str]
    """Path of the kept outcomes of its steps, beside which the result is."""

    @property
    def faults(self) -> int:
        """Number of earlier attempts whose worker died or exceeded its time or memory."""
        return self.held.faults


class _Done(Struct, frozen=True):
    summary: str | None
    figures: FiguresState
    figures_asked_at: datetime | None


async def claim_figures(transaction: Transaction, owner: str) -> FiguresClaim | None:
    """Claim the next figures that are due; None if there are none."""
    row = await transaction.row(
        HeldTask,
        f"SELECT {HELD_COLUMNS} FROM task WHERE figures = 'queued' AND (due_at <= NOW(6) "
        "OR due_at > NOW(6) + INTERVAL %(longest)s SECOND) "
        "ORDER BY turn_at, task_id LIMIT 1 FOR UPDATE SKIP LOCKED",
        longest=LONGEST_DELAY_S,
    )
    if row is None:
        return None
    held = replace(row, figures=FiguresState.RUNNING, drawings=row.drawings + 1)
    transaction.later(
        "UPDATE task SET figures = 'running', figures_reason = '', owner = %(owner)s, "
        "renewals = 0, drawings = %(drawings)s WHERE task_id = %(task)s",
        owner=owner,
        drawings=held.drawings,
        task=held.task_id,
    )
    return FiguresClaim(
        task_id=held.task_id,
        burst_id=held.burst_id,
        attempt=held.attempts + held.drawings,
        held=held,
        files=kept_inputs(transaction, held.task_id),
        steps=step_outcomes(transaction, held.task_id),
    )


async def finish_figures(
    transaction: Transaction, claim: FiguresClaim, outcome: FiguresOutcome, folder: str
) -> bool:
    """Record the figures of a task and announce all its products; False if the claim was lost.

    The call is idempotent: repeated after a commit whose response was lost, it returns True and
    changes nothing.
    """
    row = await _standing(transaction, claim)
    if row is None or row.figures is not FiguresState.RUNNING:
        return row is not None and row.figures is FiguresState.DONE
    record_products(
        transaction,
        task_id=claim.task_id,
        burst_id=claim.burst_id,
        folder=folder,
        files=outcome.products,
    )
    change_figures(transaction, claim.task_id, FiguresState.DONE)
    await _announce_all(transaction, claim, row, FiguresState.DONE)
    return True


async def give_back_figures(
    transaction: Transaction,
    claim: FiguresClaim,
    state: FiguresState,
    reason: str,
    *,
    fault: bool = False,
    delay_s: float = 0.0,
) -> bool:
    """End an attempt without figures; return False if the claim was lost.

    Parameters
    ----------
    state
        FAILED, which is announced, or QUEUED for a retry.
    reason
        Why the attempt ended, for people.
    fault
        Whether the worker died or exceeded its time or memory.
    delay_s
        Pause before the retry, seconds.
    """
    row = await _standing(transaction, claim)
    if row is None or row.figures is not FiguresState.RUNNING:
        return False
    change_figures(transaction, claim.task_id, state, reason)
    put_off(transaction, claim.task_id, faults=claim.faults + fault, delay_s=delay_s)
    if state is FiguresState.FAILED:
        await _announce_all(transaction, claim, row, state, reason)
    return True


async def want_figures(transaction: Transaction, task_id: str) -> FiguresState:
    """Queue figures that are left to the first request; return the state of a task's figures."""
    transaction.later(
        "UPDATE task SET figures = 'queued', due_at = NOW(6), figures_asked_at = %(now)s "
        "WHERE task_id = %(task)s AND figures = 'later'",
        now=utc_now(),
        task=task_id,
    )
    state = await transaction.value(
        FiguresState, "SELECT figures FROM task WHERE task_id = %(task)s", task=task_id
    )
    return state or FiguresState.NONE


async def _standing(transaction: Transaction, claim: FiguresClaim) -> _Done | None:
    """Lock and return what is known of a task; None if its figures were claimed again since."""
    return await transaction.row(
        _Done,
        "SELECT summary, figures, figures_asked_at FROM task WHERE task_id = %(task)s "
        f"AND {NUMBER} = %(attempt)s FOR UPDATE",
        task=claim.task_id,
        attempt=claim.attempt,
    )


async def _announce_all(
    transaction: Transaction,
    claim: FiguresClaim,
    row: _Done,
    state: FiguresState,
    reason: str = "",
) -> None:
    task_id, held = claim.task_id, claim.held
    files = transaction.ask(
        ProductFile,
        "SELECT name, kind, media_type, size, sha256 FROM product "
        "WHERE task_id = %(task)s AND cleaned_at IS NULL ORDER BY created_at, name",
        task=task_id,
    )
    inputs = inputs_of(transaction, task_id)
    queued = queued_at(transaction, task_id)
    succession = await succession_of(transaction, held)
    failed = f" without figures: {reason}" if reason else ""
    announce_products(
        transaction,
        held,
        message_id=figures_id(task_id),
        cause=products_id(task_id),
        note=f"Products of task {task_id} are available{failed}",
        products=tuple(await files.rows()),
        inputs=await inputs.rows(),
        summary=msgspec.json.decode(row.summary or "{}"),
        succession=succession,
        figures=state,
        reason=reason,
        ready_at=row.figures_asked_at or await queued.value(),
    )

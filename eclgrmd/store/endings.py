"""How attempts at tasks end: with products, or without."""

import msgspec

from eclgrmd.clock import utc_now
from eclgrmd.model.messages import ProductsActivity
from eclgrmd.model.pipeline import PipelineOutcome
from eclgrmd.model.task import TaskState

from .bursts import set_reference_time
from .claims import LONGEST_DELAY_S, Claim
from .connections import Row
from .messages_v1 import products_message
from .outbox import announce
from .products import product_links, record_products
from .task_changes import change_task
from .transaction import Answer, Transaction
from .versions import Succession, supersede
from .vhf import is_followed, supersede_vhf

__all__ = ["finish_task", "give_back_task"]


async def finish_task(
    transaction: Transaction, claim: Claim, outcome: PipelineOutcome, folder: str
) -> bool:
    """Record what a task gave and promise its announcement; False: the claim was lost.

    Called again after a commit whose answer was lost, it finds its own work and changes nothing.
    """
    standing = _standing(transaction, claim)
    quick_look = is_followed(transaction, claim.burst_id)
    now = await standing.row()
    if now is None or now["state"] != "running":
        return now is not None and now["state"] == "done"
    reason = f"{len(outcome.products)} products"
    done = await change_task(transaction, claim.held, TaskState.DONE, reason)
    transaction.later(
        "UPDATE task SET summary = %(summary)s WHERE task_id = %(task)s",
        summary=msgspec.json.encode(outcome.summary).decode(),
        task=claim.task_id,
    )
    record_products(
        transaction,
        task_id=claim.task_id,
        burst_id=claim.burst_id,
        folder=folder,
        files=outcome.products,
    )
    set_reference_time(
        transaction, claim.burst_id, outcome.summary.t0_utc, outcome.summary.t0_met_s
    )
    succession = await supersede(transaction, done)
    if await quick_look.row():
        await supersede_vhf(transaction, claim.burst_id, claim.task_id, outcome.summary)
    await _promise_products(transaction, claim, outcome, done, succession)
    return True


async def _promise_products(
    transaction: Transaction,
    claim: Claim,
    outcome: PipelineOutcome,
    done: Row,
    succession: Succession,
) -> None:
    activity = _products_activity(claim, outcome)
    typed = products_message(activity, done, succession, await claim.inputs.rows())
    note = f"Products of task {claim.task_id} are available"
    announce(transaction, f"products-{claim.task_id}", activity, note, typed)


async def give_back_task(
    transaction: Transaction,
    claim: Claim,
    state: TaskState,
    reason: str,
    *,
    fault: bool = False,
    delay_s: float = 0.0,
) -> bool:
    """End an attempt without products: failed, or queued again; False: the claim was lost."""
    now = await _standing(transaction, claim).row()
    if now is None or now["state"] != "running":
        return False
    await change_task(transaction, claim.held, state, reason)
    transaction.later(
        "UPDATE task SET faults = %(faults)s, due_at = NOW(6) + INTERVAL %(delay_s)s SECOND "
        "WHERE task_id = %(task)s",
        faults=claim.faults + fault,
        delay_s=min(delay_s, LONGEST_DELAY_S),
        task=claim.task_id,
    )
    return True


def _standing(transaction: Transaction, claim: Claim) -> Answer:
    """Hold a task, unless somebody has claimed it anew; nobody changes one that still runs."""
    return transaction.ask(
        "SELECT state FROM task WHERE task_id = %(task)s AND attempts = %(attempt)s FOR UPDATE",
        task=claim.task_id,
        attempt=claim.attempt,
    )


def _products_activity(claim: Claim, outcome: PipelineOutcome) -> ProductsActivity:
    return ProductsActivity(
        task_id=claim.task_id,
        burst_id=claim.burst_id,
        at=utc_now().isoformat() + "Z",
        products=product_links(outcome.products, f"/products/{claim.task_id}"),
        summary=msgspec.to_builtins(outcome.summary),
    )

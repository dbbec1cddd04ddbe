"""Claims on tasks: who runs one, for how long, and how the attempt ended."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from eclgrmd.model.messages import ProductLink, ProductsActivity, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome
from eclgrmd.model.task import TaskState

from .bursts import set_reference_time
from .connections import Row
from .database import utc_now
from .inputs import inputs_of
from .messages_v1 import products_message
from .outbox import announce
from .products import record_products, step_outcomes
from .task_changes import HELD_COLUMNS, change_task
from .transaction import Answer, Transaction
from .versions import SENT, Succession, Version, supersede
from .vhf import is_followed, supersede_vhf

__all__ = [
    "Attempt",
    "Claim",
    "Lease",
    "claim_task",
    "finish_at_once",
    "finish_task",
    "give_back_task",
    "recover_tasks",
    "renew_claims",
    "standing_claims",
    "take_back_tasks",
]

_LONGEST_DELAY_S = 3600
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
    held: Row
    """Its row as it was claimed."""
    inputs: Answer
    """Its `inputs_of`, known once the claim is committed."""
    waited_s: float
    """From its creation to this claim."""
    version: Version = SENT
    trigger_utc: str = ""
    """Reference time of the burst as it was told, ISO-8601 UTC; empty: nobody told."""
    earlier: Answer | None = None
    """Path of the step outcomes of the task that this one does again, if it does."""
    followed: bool = False
    """Whether the quick look knows its burst, which its end then has to supersede."""

    @property
    def faults(self) -> int:
        """How often its worker died or ran out of time or memory."""
        return int(self.held["faults"])


class Lease(NamedTuple):
    """A claim as it was last renewed: who sees the same one for too long takes it for lost."""

    task_id: str
    attempt: int
    renewals: int


async def claim_task(transaction: Transaction, owner: str) -> Claim | None:
    """Take the next task that can run."""
    row = await transaction.row(
        f"SELECT {HELD_COLUMNS}, request, created_at, started_at, (SELECT trigger_utc FROM burst "
        "WHERE burst.burst_id = task.burst_id) AS trigger_utc, "
        "EXISTS (SELECT 1 FROM vhf WHERE vhf.burst_id = task.burst_id) AS followed "
        "FROM task WHERE state = 'queued' AND (due_at <= NOW(6) "
        "OR due_at > NOW(6) + INTERVAL %(longest)s SECOND) "
        "ORDER BY turn_at, task_id LIMIT 1 FOR UPDATE SKIP LOCKED",
        longest=_LONGEST_DELAY_S,
    )
    if row is None:
        return None
    attempt = int(row["attempts"]) + 1
    held = await change_task(
        transaction,
        row,
        TaskState.RUNNING,
        f"attempt {attempt}",
        owner=owner,
        renewals=0,
        attempts=attempt,
        started_at=row["started_at"] or utc_now(),
    )
    request = msgspec.json.decode(row["request"], type=TaskRequest)
    again = request.rerun_of
    return Claim(
        task_id=row["task_id"],
        burst_id=row["burst_id"],
        request=request,
        attempt=attempt,
        held=held,
        inputs=inputs_of(transaction, row["task_id"]),
        waited_s=(utc_now() - row["created_at"]).total_seconds(),
        version=Version(row["series"], int(row["proc_ver"]), row["incomplete"]),
        trigger_utc=row["trigger_utc"] or "",
        earlier=step_outcomes(transaction, again) if again else None,
        followed=bool(row["followed"]),
    )


async def renew_claims(transaction: Transaction, ours: Collection[Attempt]) -> set[Attempt]:
    """Keep our claims; give those that still stand."""
    if not ours:
        return set()
    rows = await transaction.rows(
        "SELECT task_id, attempts FROM task WHERE task_id IN %(tasks)s AND state = 'running'",
        tasks=tuple({task_id for task_id, _ in ours}),
    )
    standing = {(row["task_id"], int(row["attempts"])) for row in rows} & set(ours)
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
    rows = await transaction.rows(
        "SELECT task_id, attempts AS attempt, renewals FROM task WHERE state = 'running'"
    )
    return {Lease(**row) for row in rows}


async def recover_tasks(transaction: Transaction, lost: Iterable[Lease]) -> list[str]:
    """Queue again the tasks whose claims nobody has renewed since."""
    recovered = []
    for lease in lost:
        held = await transaction.row(
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
        f"SELECT {HELD_COLUMNS} FROM task WHERE state = 'running' AND owner = %(owner)s FOR UPDATE",
        owner=owner,
    )
    for held in rows:
        await change_task(transaction, held, TaskState.QUEUED, "its daemon was lost")
    return [held["task_id"] for held in rows]


async def finish_task(
    transaction: Transaction, claim: Claim, outcome: PipelineOutcome, folder: str
) -> bool:
    """Record what a task gave and promise its announcement; False: the claim was lost.

    Done again after a commit whose answer was lost, it finds its own work and changes nothing.
    """
    standing = _standing(transaction, claim)
    quick_look = is_followed(transaction, claim.burst_id)
    now = await standing.row()
    if now is None or now["state"] != "running":
        return now is not None and now["state"] == "done"
    done = await _end(transaction, claim, outcome, folder)
    succession = await supersede(transaction, done)
    if await quick_look.row():
        await supersede_vhf(transaction, claim.burst_id, claim.task_id, outcome.summary)
    await _promise_products(transaction, claim, outcome, done, succession)
    return True


async def finish_at_once(
    transaction: Transaction, claim: Claim, outcome: PipelineOutcome, folder: str
) -> bool:
    """Do as `finish_task` does, without a look before: this is what people wait for.

    False: there is something to be looked at, and nothing was done. The same may turn out only at
    the commit, which then raises `TransientError`: somebody has changed the task, so that its next
    change has a number already, or the quick look has begun to follow its burst.
    """
    if claim.version.series or claim.followed:
        return False
    transaction.in_one()
    done = await _end(transaction, claim, outcome, folder)
    _collide_with_quick_look(transaction, claim)
    await _promise_products(transaction, claim, outcome, done, Succession())
    return True


async def _end(
    transaction: Transaction, claim: Claim, outcome: PipelineOutcome, folder: str
) -> Row:
    """Write that a task is done, and what it gave; give it as it is then."""
    summary = msgspec.json.encode(outcome.summary).decode()
    reason = f"{len(outcome.products)} products"
    done = await change_task(transaction, claim.held, TaskState.DONE, reason, summary=summary)
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
    return done


def _collide_with_quick_look(transaction: Transaction, claim: Claim) -> None:
    """Have the transaction fail, by a change that is there already, if the burst is followed."""
    transaction.later(
        "INSERT INTO task_change SELECT * FROM task_change WHERE task_id = %(task)s "
        "AND number = %(number)s AND EXISTS (SELECT 1 FROM vhf WHERE burst_id = %(burst)s)",
        task=claim.task_id,
        number=claim.held["changes"],
        burst=claim.burst_id,
    )


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
    await change_task(transaction, claim.held, state, reason, faults=claim.faults + fault)
    transaction.later(
        "UPDATE task SET due_at = NOW(6) + INTERVAL %(delay_s)s SECOND WHERE task_id = %(task)s",
        delay_s=min(delay_s, _LONGEST_DELAY_S),
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
        products=tuple(
            ProductLink(
                name=file.name,
                kind=file.kind,
                media_type=file.media_type,
                size=file.size,
                sha256=file.sha256,
                link=f"/products/{claim.task_id}/{file.name}",
            )
            for file in outcome.products
        ),
        summary=msgspec.to_builtins(outcome.summary),
    )

"""Tables `task`, `task_input`, `task_change`: the life of a task, change by change."""

from datetime import timedelta
from enum import IntEnum
from typing import NamedTuple

import msgspec

from eclgrmd.errors import PermanentError
from eclgrmd.model.messages import ProductLink, ProductsActivity, TaskActivity, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome
from eclgrmd.model.task import FINAL_STATES, TRANSITIONS, TaskState, TaskType

from .bursts import lock_burst, set_reference_time, trigger_time
from .data import accepted_inputs
from .database import Row, Transaction, utc_now
from .enquiries import ask_now
from .messages_v1 import products_message, task_message
from .outbox import announce
from .products import record_products, step_outcomes
from .versions import supersede
from .vhf import supersede_vhf

__all__ = [
    "SENT",
    "TASK_COLUMNS",
    "Claim",
    "Priority",
    "TaskConflictError",
    "Version",
    "cancel_task",
    "claim_task",
    "finish_task",
    "give_back_task",
    "promote_tasks",
    "recover_tasks",
    "renew_leases",
    "submit_task",
]

TASK_COLUMNS = (
    "task_id, burst_id, analysis, state, reason, priority, request, attempts, faults, changes, "
    "owner, lease_until, created_at, started_at, finished_at, summary, series, proc_ver, "
    "incomplete, superseded_by"
)
"""Of `task`, as `Claim` and the views read them."""


class Priority(IntEnum):
    """What is analysed first."""

    VHF = 0
    """Data that come while the burst goes on."""
    X_BAND = 10
    """Full data, for the first time."""
    AGAIN = 20
    """An analysis that was done before for this burst."""


_HANDICAP = {
    Priority.VHF: timedelta(0),
    Priority.X_BAND: timedelta(minutes=10),
    Priority.AGAIN: timedelta(hours=1),
}
"""By how much a task seems younger than it is: who waited for longer than that goes first."""


class Version(NamedTuple):
    """Which of the versions of an analysis a task makes."""

    series: str = ""
    """Of an automatic task: what it makes anew with each new file; empty: the task was sent."""
    proc_ver: int = 1
    """PROC_VER, raised with each re-processing."""
    incomplete: str = ""
    """What was missing when it was made; empty: nothing."""


SENT = Version()
"""The task was sent by somebody."""


class TaskConflictError(PermanentError):
    """A task of this id is known and asks for something else."""


class Claim(NamedTuple):
    """The right to run a task, until the lease ends."""

    task_id: str
    burst_id: str
    request: TaskRequest
    attempt: int
    """Counts the claims of this task from 1; also the fencing token."""
    faults: int
    """How often its worker died or ran out of time or memory."""
    inputs: tuple[Row, ...]
    """Name, path, sha256 and kind of each file."""
    version: Version = SENT
    trigger_utc: str = ""
    """Reference time of the burst as it was told, ISO-8601 UTC; empty: nobody told."""
    earlier: str = ""
    """Path of the step outcomes of the task that this one does again; empty: none."""


async def submit_task(
    transaction: Transaction, request: TaskRequest, *, vhf: bool = False, version: Version = SENT
) -> bool:
    """Record a task; False: it was known.

    Its turn comes after VHF tasks and, when its burst had this analysis before, after first
    analyses; but nothing waits behind what came more than an hour later.

    Raises
    ------
    TaskConflictError
        When another task has the same id.
    """
    await lock_burst(transaction, request.burst_id)
    text = msgspec.json.encode(request, order="deterministic").decode()
    known = await transaction.row(
        "SELECT request FROM task WHERE task_id = %(task)s", task=request.id
    )
    if known:
        if known["request"] != text:
            raise TaskConflictError(f"task {request.id!r} is known and asks for something else")
        return False
    now, priority = utc_now(), Priority.VHF if vhf else await _priority(transaction, request)
    await transaction.execute(
        "INSERT INTO task (task_id, burst_id, analysis, state, reason, priority, turn_at, request, "
        "due_at, created_at, series, proc_ver, incomplete) VALUES (%(task)s, %(burst)s, "
        "%(analysis)s, 'waiting', '', %(priority)s, %(turn)s, %(request)s, %(now)s, %(now)s, "
        "%(series)s, %(proc_ver)s, %(incomplete)s)",
        task=request.id,
        burst=request.burst_id,
        analysis=request.analysis,
        priority=priority,
        turn=now + _HANDICAP[priority],
        request=text,
        now=now,
        **version._asdict(),
    )
    await transaction.insert_many(
        "INSERT INTO task_input (task_id, position, name, sha256) "
        "VALUES (%(task)s, %(position)s, %(name)s, %(sha256)s)",
        [
            {"task": request.id, "position": i, "name": wanted.name, "sha256": wanted.sha256}
            for i, wanted in enumerate(request.inputs)
        ],
    )
    missing = await _missing_inputs(transaction, request.id)
    held = {
        "task_id": request.id,
        "burst_id": request.burst_id,
        "analysis": request.analysis,
        "changes": 0,
        **version._asdict(),
    }
    held = await _record_change(transaction, held, TaskState.WAITING, _waiting_reason(missing))
    if missing:
        await ask_now(transaction, request.burst_id)
    else:
        await _change(transaction, held, TaskState.QUEUED, "all inputs are there")
    return True


async def promote_tasks(transaction: Transaction, burst_id: str) -> int:
    """Queue the waiting tasks of a burst whose inputs are all there; the burst must be locked."""
    waiting = await transaction.rows(
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND state = 'waiting' "
        "ORDER BY created_at, task_id",
        burst=burst_id,
    )
    promoted = 0
    for row in waiting:
        if await _missing_inputs(transaction, row["task_id"]):
            continue
        held = await _held(transaction, row["task_id"])
        if held and held["state"] == "waiting":  # and not cancelled just now
            await _change(transaction, held, TaskState.QUEUED, "all inputs are there")
            promoted += 1
    return promoted


async def claim_task(transaction: Transaction, owner: str, lease_s: float) -> Claim | None:
    """Take the next task that can run; others may have it when the lease has run out."""
    row = await transaction.row(
        f"SELECT {TASK_COLUMNS} FROM task WHERE state = 'queued' AND due_at <= %(now)s "
        "ORDER BY turn_at, task_id LIMIT 1 FOR UPDATE SKIP LOCKED",
        now=utc_now(),
    )
    if row is None:
        return None
    now, attempt = utc_now(), int(row["attempts"]) + 1
    await _change(
        transaction,
        row,
        TaskState.RUNNING,
        f"attempt {attempt}",
        owner=owner,
        lease_until=now + timedelta(seconds=lease_s),
        attempts=attempt,
        started_at=row["started_at"] or now,
    )
    request = msgspec.json.decode(row["request"], type=TaskRequest)
    return Claim(
        task_id=row["task_id"],
        burst_id=row["burst_id"],
        request=request,
        attempt=attempt,
        faults=int(row["faults"]),
        inputs=tuple(await accepted_inputs(transaction, row["task_id"])),
        version=Version(row["series"], int(row["proc_ver"]), row["incomplete"]),
        trigger_utc=await trigger_time(transaction, row["burst_id"]),
        earlier=await step_outcomes(transaction, request.rerun_of or ""),
    )


async def renew_leases(transaction: Transaction, owner: str, lease_s: float) -> set[str]:
    """Keep the claims of this owner; give the ids of the tasks that are still its own."""
    rows = await transaction.rows(
        "SELECT task_id FROM task WHERE state = 'running' AND owner = %(owner)s", owner=owner
    )
    # By primary key: who locks by state first, and by key then, collides with who ends a task.
    for row in rows:
        await transaction.execute(
            "UPDATE task SET lease_until = %(until)s WHERE task_id = %(task)s "
            "AND state = 'running' AND owner = %(owner)s",
            until=utc_now() + timedelta(seconds=lease_s),
            task=row["task_id"],
            owner=owner,
        )
    return {row["task_id"] for row in rows}


async def recover_tasks(transaction: Transaction, *, former_owner: str | None = None) -> list[str]:
    """Queue again what runs nowhere: claims that ran out, or all of a former owner's."""
    lost = "state = 'running' AND (lease_until < %(now)s OR owner = %(former)s)"
    now, recovered = utc_now(), []
    rows = await transaction.rows(
        f"SELECT task_id FROM task WHERE {lost}", now=now, former=former_owner
    )
    for row in rows:
        held = await transaction.row(
            f"SELECT {TASK_COLUMNS} FROM task WHERE task_id = %(task)s AND {lost} "
            "FOR UPDATE SKIP LOCKED",
            task=row["task_id"],
            now=now,
            former=former_owner,
        )
        if held:
            await _change(transaction, held, TaskState.QUEUED, "its daemon was lost")
            recovered.append(row["task_id"])
    return recovered


async def finish_task(
    transaction: Transaction, claim: Claim, outcome: PipelineOutcome, folder: str
) -> bool:
    """Record what a task gave and promise its announcement; False: the claim was lost.

    Done again after a commit whose answer was lost, it finds its own work and changes nothing.
    """
    held = await _standing(transaction, claim)
    if held is None or held["state"] != "running":
        return held is not None and held["state"] == "done"
    await record_products(
        transaction,
        task_id=claim.task_id,
        burst_id=claim.burst_id,
        folder=folder,
        files=outcome.products,
    )
    await set_reference_time(
        transaction, claim.burst_id, outcome.summary.t0_utc, outcome.summary.t0_met_s
    )
    summary = msgspec.json.encode(outcome.summary).decode()
    reason = f"{len(outcome.products)} products"
    held = await _change(transaction, held, TaskState.DONE, reason, summary=summary)
    await supersede(transaction, held)
    await supersede_vhf(transaction, claim.burst_id, claim.task_id, outcome.summary)
    activity = ProductsActivity(
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
    note = f"Products of task {claim.task_id} are available"
    typed = await products_message(transaction, activity, held)
    await announce(transaction, f"products-{claim.task_id}", activity, note, typed)
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
    """End an attempt without products: failed, or queued again; False: the claim was lost."""
    held = await _standing(transaction, claim)
    if held is None or held["state"] != "running":
        return False
    due_at = utc_now() + timedelta(seconds=delay_s)
    faults = int(held["faults"]) + fault
    await _change(transaction, held, state, reason, faults=faults, due_at=due_at)
    return True


async def cancel_task(transaction: Transaction, task_id: str, reason: str) -> bool:
    """Cancel a task that has not ended; False: it has."""
    held = await _held(transaction, task_id)
    if held is None or TaskState(held["state"]) in FINAL_STATES:
        return False
    await _change(transaction, held, TaskState.CANCELLED, reason)
    return True


async def _priority(transaction: Transaction, request: TaskRequest) -> Priority:
    before = await transaction.row(
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND analysis = %(analysis)s "
        "AND state = 'done' LIMIT 1",
        burst=request.burst_id,
        analysis=request.analysis,
    )
    return Priority.AGAIN if before else Priority.X_BAND


async def _missing_inputs(transaction: Transaction, task_id: str) -> list[str]:
    inputs = await accepted_inputs(transaction, task_id)
    return [row["name"] for row in inputs if row["path"] is None]


def _waiting_reason(missing: list[str]) -> str:
    if not missing:
        return "received"
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return f"waits for {', '.join(missing[:3])}{more}"


async def _held(transaction: Transaction, task_id: str) -> Row | None:
    """Find a task and keep it from being changed by others."""
    return await transaction.row(
        f"SELECT {TASK_COLUMNS} FROM task WHERE task_id = %(task)s FOR UPDATE", task=task_id
    )


async def _standing(transaction: Transaction, claim: Claim) -> Row | None:
    """Hold a task unless somebody has claimed it anew."""
    held = await _held(transaction, claim.task_id)
    return held if held and held["attempts"] == claim.attempt else None


async def _change(
    transaction: Transaction, held: Row, state: TaskState, reason: str, **also: object
) -> Row:
    """Change the state of a held task along the transition table, and other columns with it."""
    before = TaskState(held["state"])
    if state not in TRANSITIONS[before]:
        raise PermanentError(f"task {held['task_id']!r} cannot go from {before} to {state}")
    return await _record_change(transaction, held, state, reason, **also)


async def _record_change(
    transaction: Transaction, held: Row, state: TaskState, reason: str, **also: object
) -> Row:
    """Write a change and promise its announcement; give the task as it is now."""
    task_id, number, now = held["task_id"], int(held["changes"]) + 1, utc_now()
    changed = {
        "state": state,
        "reason": reason,
        "changes": number,
        "owner": None,
        "lease_until": None,
        "finished_at": now if state in FINAL_STATES else None,
        **also,
    }
    columns = ", ".join(f"{name} = %({name})s" for name in changed)
    await transaction.execute(
        f"UPDATE task SET {columns} WHERE task_id = %(task)s", task=task_id, **changed
    )
    await transaction.execute(
        "INSERT INTO task_change (task_id, number, state, reason, at) "
        "VALUES (%(task)s, %(number)s, %(state)s, %(reason)s, %(now)s)",
        task=task_id,
        number=number,
        state=state,
        reason=reason,
        now=now,
    )
    activity = TaskActivity(
        task_id=task_id,
        burst_id=held["burst_id"],
        analysis=TaskType(held["analysis"]),
        state=state,
        reason=reason,
        at=now.isoformat() + "Z",
        number=number,
        link=f"/task/{task_id}",
    )
    typed = await task_message(transaction, activity, held)
    name, note = f"task-{task_id}-{number}", f"Task {task_id} is {state}"
    await announce(transaction, name, activity, note, typed)
    return {**held, **changed}

"""Table `decision`: who takes a burst, and which run is its result of record.

The columns of table `burst` have what is valid now. Every decision is announced.
"""

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.errors import PermanentError
from eclgrmd.model.messages.facts import BurstFact
from eclgrmd.model.names import path_part
from eclgrmd.model.pipeline import Summary
from eclgrmd.model.rest.decisions import Decision, DecisionKind
from eclgrmd.model.task import TaskState
from eclgrmd.store.sql.announcement import decision_id
from eclgrmd.store.sql.transaction import Transaction

from .bursts import lock_burst, replace_main_results
from .outbox import announce

__all__ = [
    "DecisionConflictError",
    "accept_result",
    "claim_burst",
    "decisions",
    "release_burst",
    "withdraw_result",
]

_NOTES = {
    DecisionKind.CLAIMED: "{who} takes burst {burst}",
    DecisionKind.TAKEN_OVER: "{who} takes over burst {burst}",
    DecisionKind.RELEASED: "{who} releases burst {burst}",
    DecisionKind.ACCEPTED: "{who} accepts task {task} as the result of record of burst {burst}",
    DecisionKind.WITHDRAWN: "{who} withdraws task {task} as the result of record of burst {burst}",
}
"""What is announced, for people."""


class DecisionConflictError(PermanentError):
    """A decision contradicts an earlier one, or what is known of the burst."""


class _Held(Struct, frozen=True):
    claimed_by: str | None
    record_task: str | None


class _Run(Struct, frozen=True):
    burst_id: str
    state: TaskState
    summary: str | None


async def claim_burst(
    transaction: Transaction, burst_id: str, who: str, note: str, *, take_over: bool
) -> str | None:
    """Let somebody take a burst; return who had it before, or None.

    Raises
    ------
    DecisionConflictError
        If another has it, and it is not taken over.
    """
    before = (await _held(transaction, burst_id)).claimed_by
    is_anothers = before not in {None, who}
    if is_anothers and not take_over:
        raise DecisionConflictError(
            f"{before} has burst {burst_id!r}: take it over, or let it be released"
        )
    transaction.later(
        "UPDATE burst SET claimed_by = %(who)s, claimed_at = %(now)s, claim_note = %(note)s "
        "WHERE burst_id = %(burst)s",
        who=who,
        now=utc_now(),
        note=note,
        burst=burst_id,
    )
    kind = DecisionKind.TAKEN_OVER if is_anothers else DecisionKind.CLAIMED
    await _decide(transaction, burst_id, kind, who, note)
    return before


async def release_burst(transaction: Transaction, burst_id: str, who: str) -> bool:
    """Let somebody release a burst; return False if nobody has it.

    Raises
    ------
    DecisionConflictError
        If another has it.
    """
    before = (await _held(transaction, burst_id)).claimed_by
    if before is None:
        return False
    if before != who:
        raise DecisionConflictError(
            f"{before} has burst {burst_id!r}, not {who}: take it over first"
        )
    transaction.later(
        "UPDATE burst SET claimed_by = NULL, claimed_at = NULL, claim_note = NULL "
        "WHERE burst_id = %(burst)s",
        burst=burst_id,
    )
    await _decide(transaction, burst_id, DecisionKind.RELEASED, who, "")
    return True


async def accept_result(
    transaction: Transaction, burst_id: str, task_id: str, who: str, reason: str
) -> str | None:
    """Make a run the result of record of its burst; return the one before, or None.

    The burst's main results in lists are then those of this run.

    Raises
    ------
    DecisionConflictError
        If the task is of another burst, or has no result.
    """
    before = (await _held(transaction, burst_id)).record_task
    run = await transaction.row(
        _Run,
        "SELECT burst_id, state, summary FROM task WHERE task_id = %(task)s",
        task=task_id,
    )
    if run is None or run.burst_id != burst_id:
        raise DecisionConflictError(f"burst {burst_id!r} has no task {task_id!r}")
    if run.state is not TaskState.DONE or run.summary is None:
        raise DecisionConflictError(
            f"task {task_id!r} is {run.state}: only a task that is done has a result"
        )
    transaction.later(
        "UPDATE burst SET record_task = %(task)s, record_by = %(who)s, record_at = %(now)s, "
        "record_reason = %(reason)s WHERE burst_id = %(burst)s",
        task=task_id,
        who=who,
        now=utc_now(),
        reason=reason,
        burst=burst_id,
    )
    replace_main_results(transaction, burst_id, _summary(run.summary))
    await _decide(transaction, burst_id, DecisionKind.ACCEPTED, who, reason, task_id)
    return before


async def withdraw_result(
    transaction: Transaction, burst_id: str, who: str, reason: str
) -> str | None:
    """Withdraw the result of record of a burst, and return its task; None: there was none.

    The burst's main results in lists are then those of its last analysis again.
    """
    before = (await _held(transaction, burst_id)).record_task
    if before is None:
        return None
    last = await transaction.value(
        str,
        "SELECT summary FROM task WHERE burst_id = %(burst)s AND state = 'done' "
        "AND superseded_by IS NULL AND summary IS NOT NULL "
        "ORDER BY finished_at DESC, task_id DESC LIMIT 1",
        burst=burst_id,
    )
    transaction.later(
        "UPDATE burst SET record_task = NULL, record_by = NULL, record_at = NULL, "
        "record_reason = NULL WHERE burst_id = %(burst)s",
        burst=burst_id,
    )
    if last is not None:
        replace_main_results(transaction, burst_id, _summary(last))
    await _decide(transaction, burst_id, DecisionKind.WITHDRAWN, who, reason, before)
    return before


async def decisions(
    transaction: Transaction, burst_id: str, *, after: int, limit: int
) -> list[Decision]:
    """Return up to `limit` decisions about a burst behind number `after`, oldest first."""
    return await transaction.rows(
        Decision,
        "SELECT decision_id AS id, kind, task_id, who, reason, at FROM decision "
        "WHERE burst_id = %(burst)s AND decision_id > %(after)s "
        "ORDER BY decision_id LIMIT %(limit)s",
        burst=burst_id,
        after=after,
        limit=limit,
    )


async def _held(transaction: Transaction, burst_id: str) -> _Held:
    """Lock a burst, which exists, and return its claim and its result of record."""
    lock_burst(transaction, burst_id)
    held = await transaction.row(
        _Held,
        "SELECT claimed_by, record_task FROM burst WHERE burst_id = %(burst)s FOR UPDATE",
        burst=burst_id,
    )
    if held is None:  # it has just been locked
        raise LookupError(burst_id)
    return held


async def _decide(
    transaction: Transaction,
    burst_id: str,
    kind: DecisionKind,
    who: str,
    reason: str,
    task_id: str | None = None,
) -> None:
    now = utc_now()
    transaction.later(
        "INSERT INTO decision (burst_id, kind, task_id, who, reason, at) VALUES "
        "(%(burst)s, %(kind)s, %(task)s, %(who)s, %(reason)s, %(now)s)",
        burst=burst_id,
        kind=kind,
        task=task_id,
        who=who,
        reason=reason,
        now=now,
    )
    number = await transaction.value(int, "SELECT LAST_INSERT_ID()")
    fact = BurstFact(
        at=now.isoformat() + "Z",
        burst_id=burst_id,
        change=kind,
        task_id=task_id or "",
        who=who,
        reason=reason,
        link=f"/bursts/{path_part(burst_id)}",
    )
    said = _NOTES[kind].format(who=who, burst=burst_id, task=task_id)
    announce(transaction, decision_id(burst_id, number or 0), fact, said)


def _summary(text: str) -> Summary:
    return msgspec.json.decode(text, type=Summary)

"""Table `study`: studies of tasks, which were asked for, and how far they have come."""

from datetime import datetime

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.study.work import StudyKind, StudyState
from eclgrmd.store.intake.inputs import InputFile, kept_inputs
from eclgrmd.store.sql.transaction import Answer, Transaction

from .products import record_products, step_outcomes

__all__ = [
    "StudyClaim",
    "StudyLease",
    "StudyRow",
    "ask_study",
    "claim_study",
    "finish_study",
    "give_back_study",
    "note_study_progress",
    "recover_study",
    "renew_studies",
    "standing_studies",
    "study",
    "take_back_studies",
]

_QUEUE_AGAIN = (
    "UPDATE study SET state = 'queued', run = run + 1, progress = 0, owner = NULL "
    "WHERE state = 'running'"
)
"""Queues studies that are being computed; the new number ends the claim."""
_COLUMNS = "task_id, kind, state, number, seed, run, faults, progress, reason, asked_at, ended_at"


class StudyRow(Struct, frozen=True):
    """A study of a task; times are UTC without zone."""

    task_id: str
    """The task."""
    kind: StudyKind
    """What is studied."""
    state: StudyState
    """State."""
    number: int
    """Twins or choices."""
    seed: int
    """Seed."""
    run: int
    """Number of its newest claim or request: the fence."""
    faults: int
    """Attempts whose worker died."""
    progress: float
    """Part that is done, from 0 to 1."""
    reason: str
    """Why it failed or waits."""
    asked_at: datetime
    """When it was asked for."""
    ended_at: datetime | None
    """When it ended; None: not yet."""


class StudyClaim(Struct, frozen=True):
    """The right to compute a study, until it is asked for again."""

    row: StudyRow
    """The study."""
    burst_id: str
    """Burst of its task."""
    files: Answer[InputFile]
    """Kept files with the names of the inputs; readable once the claim is committed."""
    steps: Answer[str]
    """Path of the kept outcomes of the steps, beside which the result is."""


class StudyLease(Struct, frozen=True):
    """A claim and its renewals so far; a claim whose lease stays the same for too long is lost."""

    task_id: str
    """The task."""
    kind: StudyKind
    """What is studied."""
    run: int
    """Number of the claim."""
    renewals: int
    """Number of times that its owner has renewed it."""


async def ask_study(
    transaction: Transaction, task_id: str, kind: StudyKind, number: int, seed: int
) -> bool:
    """Queue a study; return False if it is there, or on its way, with the same numbers."""
    known = await _locked(transaction, task_id, kind)
    if (
        known is not None
        and known.state is not StudyState.FAILED
        and (known.number, known.seed) == (number, seed)
    ):
        return False
    transaction.later(
        "INSERT INTO study (task_id, kind, state, number, seed, asked_at) "
        "VALUES (%(task)s, %(kind)s, 'queued', %(number)s, %(seed)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE state = 'queued', number = %(number)s, seed = %(seed)s, "
        "run = run + 1, faults = 0, progress = 0, owner = NULL, reason = '', asked_at = %(now)s, "
        "ended_at = NULL",
        task=task_id,
        kind=kind,
        number=number,
        seed=seed,
        now=utc_now(),
    )
    return True


async def study(transaction: Transaction, task_id: str, kind: StudyKind) -> StudyRow | None:
    """Return a study; None if nobody has asked for it."""
    return await transaction.row(
        StudyRow,
        f"SELECT {_COLUMNS} FROM study WHERE task_id = %(task)s AND kind = %(kind)s",
        task=task_id,
        kind=kind,
    )


async def claim_study(transaction: Transaction, owner: str) -> StudyClaim | None:
    """Claim the study that has waited longest; None if none waits."""
    row = await transaction.row(
        StudyRow,
        f"SELECT {_COLUMNS} FROM study WHERE state = 'queued' "
        "ORDER BY asked_at, task_id, kind LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    if row is None:
        return None
    transaction.later(
        "UPDATE study SET state = 'running', run = run + 1, progress = 0, owner = %(owner)s "
        "WHERE task_id = %(task)s AND kind = %(kind)s",
        owner=owner,
        task=row.task_id,
        kind=row.kind,
    )
    burst_id = await transaction.value(
        str, "SELECT burst_id FROM task WHERE task_id = %(task)s", task=row.task_id
    )
    claimed = await study(transaction, row.task_id, row.kind)
    return StudyClaim(
        claimed or row,
        burst_id or "",
        kept_inputs(transaction, row.task_id),
        step_outcomes(transaction, row.task_id),
    )


async def note_study_progress(transaction: Transaction, row: StudyRow, progress: float) -> bool:
    """Record the part of a study that is done; return False if the claim was lost."""
    known = await _locked(transaction, row.task_id, row.kind)
    if known is None or known.run != row.run:
        return False
    transaction.later(
        "UPDATE study SET progress = %(progress)s WHERE task_id = %(task)s AND kind = %(kind)s",
        progress=progress,
        task=row.task_id,
        kind=row.kind,
    )
    return True


async def finish_study(
    transaction: Transaction, claim: StudyClaim, file: ProductFile, folder: str
) -> bool:
    """Record the result of a study among the products of its task; False if the claim was lost.

    The call is idempotent: repeated after a commit whose response was lost, it changes nothing.
    """
    row = claim.row
    known = await _locked(transaction, row.task_id, row.kind)
    if known is None or known.run != row.run:
        return False
    transaction.later(
        "DELETE FROM product WHERE task_id = %(task)s AND name = %(name)s",
        task=row.task_id,
        name=file.name,
    )
    record_products(
        transaction, task_id=row.task_id, burst_id=claim.burst_id, folder=folder, files=(file,)
    )
    _end(transaction, row, StudyState.DONE, "", progress=1.0)
    return True


async def give_back_study(
    transaction: Transaction, row: StudyRow, state: StudyState, reason: str, *, fault: bool = False
) -> bool:
    """End an attempt without a result; return False if the claim was lost.

    Parameters
    ----------
    state
        FAILED, or QUEUED for a retry.
    reason
        Why the attempt ended, for people.
    fault
        Whether a worker died or exceeded its time or memory.
    """
    known = await _locked(transaction, row.task_id, row.kind)
    if known is None or known.run != row.run:
        return False
    _end(transaction, row, state, reason, progress=0.0)
    transaction.later(
        "UPDATE study SET faults = %(faults)s WHERE task_id = %(task)s AND kind = %(kind)s",
        faults=row.faults + fault,
        task=row.task_id,
        kind=row.kind,
    )
    return True


async def renew_studies(transaction: Transaction, owner: str) -> None:
    """Renew all claims of this daemon."""
    await transaction.execute(
        "UPDATE study SET renewals = renewals + 1 WHERE state = 'running' AND owner = %(owner)s",
        owner=owner,
    )


async def standing_studies(transaction: Transaction) -> list[StudyLease]:
    """Return the leases of all studies that are being computed."""
    return await transaction.rows(
        StudyLease, "SELECT task_id, kind, run, renewals FROM study WHERE state = 'running'"
    )


async def recover_study(transaction: Transaction, lost: StudyLease) -> bool:
    """Queue a study whose lease was not renewed since; return whether it was so."""
    changed = await transaction.execute(
        f"{_QUEUE_AGAIN} AND task_id = %(task)s AND kind = %(kind)s AND run = %(run)s "
        "AND renewals = %(renewals)s",
        task=lost.task_id,
        kind=lost.kind,
        run=lost.run,
        renewals=lost.renewals,
    )
    return changed > 0


async def take_back_studies(transaction: Transaction, owner: str) -> None:
    """Queue what this owner was computing before it was restarted."""
    await transaction.execute(f"{_QUEUE_AGAIN} AND owner = %(owner)s", owner=owner)


async def _locked(transaction: Transaction, task_id: str, kind: StudyKind) -> StudyRow | None:
    return await transaction.row(
        StudyRow,
        f"SELECT {_COLUMNS} FROM study WHERE task_id = %(task)s AND kind = %(kind)s FOR UPDATE",
        task=task_id,
        kind=kind,
    )


def _end(
    transaction: Transaction, row: StudyRow, state: StudyState, reason: str, *, progress: float
) -> None:
    transaction.later(
        "UPDATE study SET state = %(state)s, reason = %(reason)s, progress = %(progress)s, "
        "owner = NULL, ended_at = %(ended)s WHERE task_id = %(task)s AND kind = %(kind)s",
        state=state,
        reason=reason,
        progress=progress,
        ended=None if state is StudyState.QUEUED else utc_now(),
        task=row.task_id,
        kind=row.kind,
    )

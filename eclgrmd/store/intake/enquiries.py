"""The schedule of queries to the mission database, and the selection of new files."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.incoming import FileLink
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["Enquiry", "ask_again", "ask_now", "claim_enquiry", "tasks_wait", "unknown_files"]


class Enquiry(Struct, frozen=True):
    """A burst whose files the mission database is to be asked for."""

    burst_id: str
    """Id of the burst."""
    trigger_utc: str
    """Trigger or reference time, ISO-8601 UTC; empty: unknown."""
    asked: int
    """Number of queries without new files since the burst last changed."""


class _Known(Struct, frozen=True):
    name: str
    sha256: str
    gone: int


def ask_now(transaction: Transaction, burst_id: str) -> None:
    """Schedule a query for a burst at once, because it is new or an input is missing."""
    transaction.later(
        "UPDATE burst SET ask_at = %(now)s, asked = 0 WHERE burst_id = %(burst)s",
        now=utc_now(),
        burst=burst_id,
    )


async def claim_enquiry(transaction: Transaction, lease_s: float) -> Enquiry | None:
    """Claim the next burst to ask for, until the lease expires; None if none is due."""
    enquiry = await transaction.row(
        Enquiry,
        "SELECT burst_id, COALESCE(trigger_utc, t0_utc, '') AS trigger_utc, asked FROM burst "
        "WHERE ask_at <= %(now)s ORDER BY ask_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now=utc_now(),
    )
    if enquiry is None:
        return None
    ask_again(transaction, enquiry.burst_id, utc_now() + timedelta(seconds=lease_s), "")
    return enquiry


def ask_again(transaction: Transaction, burst_id: str, at: datetime | None, reason: str) -> None:
    """Schedule the next query for a burst and store the reason of the last failure.

    Parameters
    ----------
    at
        When to ask again, UTC without zone; None: when the burst changes.
    reason
        Why the last query failed; empty: it did not.
    """
    transaction.later(
        "UPDATE burst SET ask_at = %(at)s, asked = asked + 1, ask_reason = %(reason)s "
        "WHERE burst_id = %(burst)s",
        at=at,
        reason=reason[:1000],
        burst=burst_id,
    )


async def tasks_wait(transaction: Transaction, burst_id: str) -> list[str]:
    """Return the names of the inputs that waiting tasks of a burst still miss."""
    return await transaction.values(
        str,
        "SELECT DISTINCT i.name FROM task t JOIN task_input i ON i.task_id = t.task_id "
        "WHERE t.burst_id = %(burst)s AND t.state = 'waiting' AND NOT EXISTS "
        "(SELECT 1 FROM data_file d WHERE d.burst_id = t.burst_id AND d.name = i.name "
        "AND d.state = 'accepted' AND d.cleaned_at IS NULL "
        "AND (i.sha256 IS NULL OR d.sha256 = i.sha256)) ORDER BY i.name",
        burst=burst_id,
    )


async def unknown_files(
    transaction: Transaction, burst_id: str, files: Iterable[FileLink], wanted: list[str]
) -> tuple[FileLink, ...]:
    """Return the files that were neither received nor are being fetched.

    A file that was cleaned counts as new if it is in `wanted`. A refused file does not: it would
    be refused again.
    """
    rows = await transaction.rows(
        _Known,
        "SELECT name, sha256, cleaned_at IS NOT NULL AS gone FROM data_file "
        "WHERE burst_id = %(burst)s UNION SELECT name, sha256, 0 FROM transfer "
        "WHERE burst_id = %(burst)s AND state = 'open'",
        burst=burst_id,
    )
    known = {(row.name, row.sha256) for row in rows if not (row.gone and row.name in wanted)}
    return tuple(file for file in files if (file.name, file.sha256) not in known)

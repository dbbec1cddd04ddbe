"""Table `dead_letter`: announcements that NATS refused for good, kept with the reason."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import ErrorFact
from eclgrmd.store.sql.announcement import Announcement
from eclgrmd.store.sql.transaction import Transaction

from .outbox import announce

__all__ = [
    "DeadLetter",
    "bury_announcement",
    "count_dead_letters",
    "dead_letters",
    "forget_dead_letters",
]

_SUCCESSOR = "dead-"
"""Prefix of the message id of the error that is announced in place of a dead letter."""
_SHOWN = 500
"""Characters of an announcement in a list: it may be dead because it is too large."""


class DeadLetter(Struct, frozen=True):
    """An announcement that was given up; times are UTC without zone."""

    id: int
    """Number of the row."""
    message_id: str
    """Message id under which it would have been published."""
    reason: str
    """Why it was given up."""
    note: str
    """One sentence for people about the announced fact."""
    created_at: datetime
    """When the fact became true."""
    buried_at: datetime
    """When it was given up."""
    activity: str
    """Begin of the fact, JSON."""
    bytes: int
    """Size of the whole fact, bytes."""


def bury_announcement(transaction: Transaction, dead: Announcement, reason: str) -> None:
    """Move an announcement to the dead letters, and announce an error in its place.

    An error that replaced a dead letter is not replaced again.
    """
    now = utc_now()
    transaction.later(
        "INSERT INTO dead_letter "
        "(message_id, activity, note, detail, reason, created_at, buried_at) "
        "SELECT message_id, activity, note, detail, %(reason)s, created_at, %(now)s FROM outbox "
        "WHERE message_id = %(id)s AND published_at IS NULL "
        "ON DUPLICATE KEY UPDATE reason = %(reason)s",
        reason=reason,
        now=now,
        id=dead.message_id,
    )
    transaction.later(
        "UPDATE outbox SET published_at = %(now)s, reason = %(reason)s "
        "WHERE message_id = %(id)s AND published_at IS NULL",
        now=now,
        reason=reason,
        id=dead.message_id,
    )
    if dead.message_id.startswith(_SUCCESSOR):
        return
    fact = ErrorFact(
        subject=dead.message_id,
        reason=reason,
        received=dead.note[:_SHOWN],
        at=now.isoformat() + "Z",
    )
    announce(transaction, f"{_SUCCESSOR}{dead.message_id}", fact, reason)


async def count_dead_letters(transaction: Transaction) -> int:
    """Count the announcements that were given up."""
    return await transaction.value(int, "SELECT COUNT(*) FROM dead_letter") or 0


async def dead_letters(transaction: Transaction, *, after: int, limit: int) -> list[DeadLetter]:
    """Return the dead letters that follow `after`, oldest first; long texts are cut."""
    rows = await transaction.rows(
        DeadLetter,
        "SELECT dead_letter_id AS id, message_id, reason, note, created_at, buried_at, "
        "LEFT(activity, %(shown)s) AS activity, LENGTH(activity) AS bytes FROM dead_letter "
        "WHERE dead_letter_id > %(after)s ORDER BY dead_letter_id LIMIT %(limit)s",
        shown=_SHOWN,
        after=after,
        limit=limit,
    )
    return [replace(row, note=row.note[:_SHOWN], reason=row.reason[:_SHOWN]) for row in rows]


async def forget_dead_letters(transaction: Transaction, before: datetime, limit: int) -> int:
    """Delete up to `limit` dead letters that were given up before `before`; return their number."""
    return await transaction.execute(
        "DELETE FROM dead_letter WHERE buried_at < %(before)s LIMIT %(limit)s",
        before=before,
        limit=limit,
    )

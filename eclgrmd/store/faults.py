"""Table `fault`: messages that could not be understood, kept for whoever wants to know why."""

import hashlib
from datetime import datetime

from eclgrmd.model.messages import ErrorActivity

from .announcement import Announcement
from .database import utc_now
from .messages_v1 import error_message
from .outbox import announce
from .transaction import Transaction

__all__ = ["forget_faults", "record_fault", "refuse_announcement"]


def record_fault(
    transaction: Transaction, *, subject: str, message_id: str, received: bytes, reason: str
) -> None:
    """Record a bad message and promise an answer; the same one twice is answered once."""
    now = utc_now()
    transaction.later(
        "INSERT INTO fault (subject, reason, received, at) "
        "VALUES (%(subject)s, %(reason)s, UNHEX(%(received)s), %(now)s)",
        subject=subject,
        reason=reason,
        received=received[:1_000_000].hex(),  # the driver cannot pass bytes
        now=now,
    )
    activity = ErrorActivity(
        subject=subject,
        reason=reason,
        received=received[:500].decode("utf-8", "replace"),
        at=now.isoformat() + "Z",
    )
    digest = hashlib.sha256(received).hexdigest()[:16]
    name = f"error-{message_id}-{digest}"
    announce(transaction, name, activity, reason, error_message(name, activity))


async def forget_faults(transaction: Transaction, before: datetime, limit: int) -> int:
    """Remove bad messages that came before `before`; give their number."""
    return await transaction.execute(
        "DELETE FROM fault WHERE at < %(before)s LIMIT %(limit)s", before=before, limit=limit
    )


def refuse_announcement(transaction: Transaction, refused: Announcement, reason: str) -> None:
    """Give up on an announcement that NATS will never take, and announce that instead."""
    transaction.later(
        "UPDATE outbox SET published_at = %(now)s, reason = %(reason)s WHERE message_id = %(id)s",
        now=utc_now(),
        reason=reason,
        id=refused.message_id,
    )
    activity = ErrorActivity(
        subject=refused.message_id,
        reason=reason,
        received=refused.note[:500],
        at=utc_now().isoformat() + "Z",
    )
    name = f"error-{refused.message_id}"
    announce(transaction, name, activity, reason, error_message(name, activity))

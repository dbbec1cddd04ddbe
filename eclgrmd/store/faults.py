"""Table `fault`: messages that could not be understood, kept for whoever wants to know why."""

import hashlib

from eclgrmd.model.messages import ErrorActivity

from .database import Transaction, utc_now
from .messages_v1 import error_message
from .outbox import announce

__all__ = ["record_fault"]


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

"""Table `fault`: messages that could not be understood, kept for whoever wants to know why."""

import hashlib
from datetime import datetime

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import ErrorFact
from eclgrmd.store.sql.transaction import Transaction

from .outbox import announce

__all__ = ["forget_faults", "record_fault"]

_LONGEST_SUBJECT = 200
"""Characters that the table holds."""


def record_fault(
    transaction: Transaction, *, subject: str, message_id: str, received: bytes, reason: str
) -> None:
    """Record a bad message and promise an answer; the same one twice is answered once."""
    now = utc_now()
    transaction.later(
        "INSERT INTO fault (subject, reason, received, at) "
        "VALUES (%(subject)s, %(reason)s, UNHEX(%(received)s), %(now)s)",
        subject=subject[:_LONGEST_SUBJECT],
        reason=reason,
        received=received[:1_000_000].hex(),  # the driver cannot pass bytes
        now=now,
    )
    fact = ErrorFact(
        subject=subject,
        reason=reason,
        received=received[:500].decode("utf-8", "replace"),
        at=now.isoformat() + "Z",
    )
    digest = hashlib.sha256(received).hexdigest()[:16]
    announce(transaction, f"error-{message_id}-{digest}", fact, reason)


async def forget_faults(transaction: Transaction, before: datetime, limit: int) -> int:
    """Remove bad messages that came before `before`; give their number."""
    return await transaction.execute(
        "DELETE FROM fault WHERE at < %(before)s LIMIT %(limit)s", before=before, limit=limit
    )

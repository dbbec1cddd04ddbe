"""Table `fault`: received messages that could not be decoded, kept with the reason."""

import hashlib
from datetime import datetime

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import ErrorFact
from eclgrmd.store.sql.transaction import Transaction

from .outbox import announce

__all__ = ["forget_faults", "record_fault"]

_LONGEST_SUBJECT = 200
"""Characters that the column holds."""
_KEPT_BYTES = 1_000_000
"""Most bytes of a bad message that are kept: about the default limit of NATS on a message."""
_QUOTED_BYTES = 500
"""Bytes of a bad message that the announced error quotes."""


def record_fault(
    transaction: Transaction, *, subject: str, message_id: str, received: bytes, reason: str
) -> None:
    """Record a bad message and announce an error; the same message twice is announced once."""
    now = utc_now()
    transaction.later(
        "INSERT INTO fault (subject, reason, received, at) "
        "VALUES (%(subject)s, %(reason)s, UNHEX(%(received)s), %(now)s)",
        subject=subject[:_LONGEST_SUBJECT],
        reason=reason,
        received=received[:_KEPT_BYTES].hex(),  # the driver cannot quote bytes
        now=now,
    )
    fact = ErrorFact(
        subject=subject,
        reason=reason,
        received=received[:_QUOTED_BYTES].decode("utf-8", "replace"),
        at=now.isoformat() + "Z",
    )
    digest = hashlib.sha256(received).hexdigest()[:16]
    announce(transaction, f"error-{message_id}-{digest}", fact, reason)


async def forget_faults(transaction: Transaction, before: datetime, limit: int) -> int:
    """Delete up to `limit` bad messages that came before `before`; return their number."""
    return await transaction.execute(
        "DELETE FROM fault WHERE at < %(before)s LIMIT %(limit)s", before=before, limit=limit
    )

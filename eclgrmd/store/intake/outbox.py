"""Table `outbox`: what is to be announced, written in the transaction that makes it true.

`activity` holds a fact as JSON. Rows that version 0.1.0 wrote hold two messages instead: that of
the founding form in `activity`, that of version 1 in `detail`. They are read too.

The table has two lanes. An announcement is fresh until NATS fails to take it; then it is postponed,
longer each time, and what must stay in order with it waits for it. So nothing else is held up.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import ErrorFact, Fact
from eclgrmd.store.sql.announcement import Announcement, Form, chain_of
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "LONGEST_POSTPONED_S",
    "announce",
    "forget_published",
    "fresh_announcements",
    "mark_published",
    "oldest_announcement",
    "postpone_announcement",
    "postponed_announcements",
]

LONGEST_POSTPONED_S = 60.0
_LONGEST_ID = 200
"""Characters of a message id that the table holds."""
_COLUMNS = "message_id, activity, note, detail, created_at, told, failures"


class _OutboxRow(Struct, frozen=True):
    message_id: str
    activity: str
    note: str
    detail: str | None
    created_at: datetime
    told: str
    failures: int


class _Oldest(Struct, frozen=True):
    message_id: str
    created_at: datetime


def announce(transaction: Transaction, message_id: str, fact: Fact, note: str) -> None:
    """Promise to announce a fact; its links are paths, completed when it is published."""
    now = utc_now()
    message_id = _held(message_id)
    transaction.promised.append(Announcement(message_id, fact, note, now))
    transaction.later(
        "INSERT INTO outbox (message_id, chain, activity, note, created_at) VALUES "
        "(%(message_id)s, %(chain)s, %(fact)s, %(note)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE message_id = outbox.message_id",
        message_id=message_id,
        chain=chain_of(message_id, fact),
        fact=msgspec.json.encode(fact).decode(),
        note=note,
        now=now,
    )


async def fresh_announcements(
    transaction: Transaction, limit: int, *, besides: tuple[str, ...] = ()
) -> list[Announcement]:
    """List what is to be published for the first time, oldest first.

    What is known to be published already (`besides`) is left out, and so is what must stay in order
    with something that is postponed. In the place of what cannot be read any more (another version
    has written it) comes an error.
    """
    rows = await transaction.rows(
        _OutboxRow,
        f"SELECT {_COLUMNS} FROM outbox WHERE published_at IS NULL AND failures = 0 "
        "AND message_id NOT IN %(besides)s AND chain NOT IN "
        "(SELECT chain FROM outbox WHERE published_at IS NULL AND failures > 0) "
        "ORDER BY outbox_id LIMIT %(limit)s",
        limit=limit,
        besides=besides or ("",),
    )
    return [_announcement(row) for row in rows]


async def postponed_announcements(transaction: Transaction, limit: int) -> list[Announcement]:
    """List what is due again, that first which is due for longest."""
    # What is due later than any pause was postponed by a clock that has been set back since.
    rows = await transaction.rows(
        _OutboxRow,
        f"SELECT {_COLUMNS} FROM outbox WHERE published_at IS NULL AND failures > 0 "
        "AND (due_at <= NOW(6) OR due_at > NOW(6) + INTERVAL %(longest)s SECOND) "
        "ORDER BY due_at, outbox_id LIMIT %(limit)s",
        limit=limit,
        longest=LONGEST_POSTPONED_S,
    )
    return [_announcement(row) for row in rows]


def postpone_announcement(
    transaction: Transaction, held: Announcement, told: Collection[Form], *, delay_s: float
) -> None:
    """Have an announcement published again later, in the forms that NATS has not acknowledged."""
    transaction.later(
        "UPDATE outbox SET failures = failures + 1, told = %(told)s, chain = %(chain)s, "
        "due_at = NOW(6) + INTERVAL %(delay_s)s SECOND "
        "WHERE message_id = %(id)s AND published_at IS NULL",
        told=",".join(sorted(told)),
        chain=held.chain,
        delay_s=min(delay_s, LONGEST_POSTPONED_S),
        id=held.message_id,
    )


def mark_published(transaction: Transaction, message_ids: tuple[str, ...]) -> None:
    """Remember that NATS has acknowledged these."""
    transaction.later(
        "UPDATE outbox SET published_at = %(now)s WHERE message_id IN %(ids)s",
        now=utc_now(),
        ids=message_ids,
    )


async def oldest_announcement(transaction: Transaction) -> tuple[datetime, str] | None:
    """Find when an announcement was made that NATS has not acknowledged, and its id.

    It is the oldest of the fresh ones, or one of those that were postponed most often.
    """
    rows = await transaction.rows(
        _Oldest,
        "(SELECT message_id, created_at FROM outbox WHERE published_at IS NULL AND failures = 0 "
        "ORDER BY outbox_id LIMIT 1) UNION ALL "
        "(SELECT message_id, created_at FROM outbox WHERE published_at IS NULL AND failures > 0 "
        "ORDER BY failures DESC, outbox_id DESC LIMIT 1)",
    )
    return min(((row.created_at, row.message_id) for row in rows), default=None)


async def forget_published(transaction: Transaction, before: datetime, limit: int) -> int:
    """Remove what NATS acknowledged before `before` and return the number of announcements."""
    return await transaction.execute(
        "DELETE FROM outbox WHERE published_at < %(before)s LIMIT %(limit)s",
        before=before,
        limit=limit,
    )


def _held(message_id: str) -> str:
    """Shorten an id that the table cannot hold; different ones stay different."""
    if len(message_id) <= _LONGEST_ID:
        return message_id
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{message_id[: _LONGEST_ID - 33]}-{digest}"


def _announcement(row: _OutboxRow) -> Announcement:
    fact: Fact
    try:
        fact = _fact(row.activity, row.detail)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        fact = ErrorFact(
            subject=row.message_id,
            reason=f"the announcement cannot be read any more: {error}",
            received=row.activity[:500],
            at=row.created_at.isoformat() + "Z",
        )
    told = frozenset(form for form in Form if form in row.told.split(","))
    return Announcement(row.message_id, fact, row.note, row.created_at, told, row.failures)


def _fact(body: str, detail: str | None) -> Fact:
    fact: Fact
    if not detail:
        fact = msgspec.json.decode(body, type=Fact)
    else:
        # The two messages of version 0.1.0 have all fields of the fact between them.
        typed = msgspec.json.decode(detail, type=dict[str, Any])
        founding = msgspec.json.decode(body, type=dict[str, Any])
        fact = msgspec.convert(typed | founding, Fact)
    return fact

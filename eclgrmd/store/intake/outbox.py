"""Table `outbox`: announcements, written in the transaction that makes their fact true.

The column `activity` holds a fact as JSON. Rows written by version 0.1.0 hold two messages instead:
the founding form in `activity`, version 1 in `detail`. Both kinds of rows are decoded.

The table has two lanes. An announcement is fresh until publishing it fails; then it is postponed
with a growing delay. The rest of its chain waits for it, other chains do not.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import ErrorFact, Fact
from eclgrmd.store.sql.announcement import Announcement, Form, chain_of
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "LONGEST_POSTPONED_S",
    "Numbered",
    "announce",
    "announcements_after",
    "forget_published",
    "fresh_announcements",
    "mark_published",
    "numbers_after",
    "oldest_announcement",
    "oldest_number",
    "postpone_announcement",
    "postponed_announcements",
    "settled_number",
]

LONGEST_POSTPONED_S = 60.0
"""Longest delay between two attempts to publish an announcement."""
_LONGEST_ID = 200
"""Characters of a message id that the column holds."""
_COLUMNS = "message_id, activity, note, detail, created_at, told, failures"


class _OutboxRow(Struct, frozen=True):
    message_id: str
    activity: str
    note: str
    detail: str | None
    created_at: datetime
    told: str
    failures: int


class _NumberedRow(_OutboxRow, frozen=True):
    outbox_id: int


class Numbered(NamedTuple):
    """An announcement with its number in the outbox."""

    number: int
    """The number. A transaction that ends late makes a smaller number visible after larger ones."""
    announcement: Announcement
    """The announcement."""


class _Oldest(Struct, frozen=True):
    message_id: str
    created_at: datetime


def announce(transaction: Transaction, message_id: str, fact: Fact, note: str) -> None:
    """Announce a fact once the transaction is committed; its links are paths below the REST URL."""
    now = utc_now()
    message_id = _shortened(message_id)
    transaction.announcements.append(Announcement(message_id, fact, note, now))
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
    transaction: Transaction, limit: int, *, published: tuple[str, ...] = ()
) -> list[Announcement]:
    """Return the announcements that have not been tried yet, oldest first.

    Chains with a postponed announcement are left out. A row that cannot be decoded, because another
    version wrote it, is replaced by an error.

    Parameters
    ----------
    limit
        Most announcements to return.
    published
        Message ids to leave out: already published, but not marked in the table yet.
    """
    rows = await transaction.rows(
        _OutboxRow,
        f"SELECT {_COLUMNS} FROM outbox WHERE published_at IS NULL AND failures = 0 "
        "AND message_id NOT IN %(published)s AND chain NOT IN "
        "(SELECT chain FROM outbox WHERE published_at IS NULL AND failures > 0) "
        "ORDER BY outbox_id LIMIT %(limit)s",
        limit=limit,
        published=published or ("",),
    )
    return [_announcement(row) for row in rows]


async def postponed_announcements(transaction: Transaction, limit: int) -> list[Announcement]:
    """Return the postponed announcements that are due, longest overdue first."""
    # A due time further ahead than the longest delay comes from a clock that was later set back.
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
    transaction: Transaction, held: Announcement, acknowledged: Collection[Form], *, delay_s: float
) -> None:
    """Postpone an announcement, which is then published in the forms not yet acknowledged."""
    transaction.later(
        "UPDATE outbox SET failures = failures + 1, told = %(told)s, chain = %(chain)s, "
        "due_at = NOW(6) + INTERVAL %(delay_s)s SECOND "
        "WHERE message_id = %(id)s AND published_at IS NULL",
        told=",".join(sorted(acknowledged)),
        chain=held.chain,
        delay_s=min(delay_s, LONGEST_POSTPONED_S),
        id=held.message_id,
    )


def mark_published(transaction: Transaction, message_ids: tuple[str, ...]) -> None:
    """Mark announcements as published."""
    transaction.later(
        "UPDATE outbox SET published_at = %(now)s WHERE message_id IN %(ids)s",
        now=utc_now(),
        ids=message_ids,
    )


async def oldest_announcement(transaction: Transaction) -> tuple[datetime, str] | None:
    """Return creation time and message id of an old unpublished announcement; None if all are.

    It is the oldest fresh one, or one of those that were postponed most often. Both are found by
    an index, unlike the oldest of all.
    """
    rows = await transaction.rows(
        _Oldest,
        "(SELECT message_id, created_at FROM outbox WHERE published_at IS NULL AND failures = 0 "
        "ORDER BY outbox_id LIMIT 1) UNION ALL "
        "(SELECT message_id, created_at FROM outbox WHERE published_at IS NULL AND failures > 0 "
        "ORDER BY failures DESC, outbox_id DESC LIMIT 1)",
    )
    return min(((row.created_at, row.message_id) for row in rows), default=None)


async def announcements_after(
    transaction: Transaction, number: int, limit: int, *, seen: Collection[int] = ()
) -> list[Numbered]:
    """Return announcements with larger numbers than this one by number, published or not.

    Parameters
    ----------
    limit
        Most announcements to return.
    seen
        Numbers to leave out.
    """
    rows = await transaction.rows(
        _NumberedRow,
        f"SELECT outbox_id, {_COLUMNS} FROM outbox WHERE outbox_id > %(number)s "
        "AND outbox_id NOT IN %(seen)s ORDER BY outbox_id LIMIT %(limit)s",
        number=number,
        seen=tuple(seen) or (0,),
        limit=limit,
    )
    return [Numbered(row.outbox_id, _announcement(row)) for row in rows]


async def settled_number(transaction: Transaction, before: datetime) -> int:
    """Return the newest number of an announcement written before a time; 0 if there is none."""
    number = await transaction.value(
        int,
        "SELECT outbox_id FROM outbox WHERE created_at < %(before)s "
        "ORDER BY outbox_id DESC LIMIT 1",
        before=before,
    )
    return number or 0


async def numbers_after(transaction: Transaction, number: int) -> list[int]:
    """Return the larger numbers of announcements."""
    return await transaction.values(
        int, "SELECT outbox_id FROM outbox WHERE outbox_id > %(number)s", number=number
    )


async def oldest_number(transaction: Transaction) -> int:
    """Return the number of the oldest announcement that is kept; 0 if there is none."""
    return await transaction.value(int, "SELECT MIN(outbox_id) FROM outbox") or 0


async def forget_published(transaction: Transaction, before: datetime, limit: int) -> int:
    """Delete up to `limit` announcements published before `before`; return their number."""
    return await transaction.execute(
        "DELETE FROM outbox WHERE published_at < %(before)s LIMIT %(limit)s",
        before=before,
        limit=limit,
    )


def _shortened(message_id: str) -> str:
    """Return an id that fits into the column; different ids stay different."""
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
            reason=f"the stored announcement cannot be decoded: {error}",
            received=row.activity[:500],
            at=row.created_at.isoformat() + "Z",
        )
    acknowledged = frozenset(form for form in Form if form in row.told.split(","))
    return Announcement(row.message_id, fact, row.note, row.created_at, acknowledged, row.failures)


def _fact(body: str, detail: str | None) -> Fact:
    fact: Fact
    if not detail:
        fact = msgspec.json.decode(body, type=Fact)
    else:
        # Together the two messages of version 0.1.0 have all fields of the fact.
        typed = msgspec.json.decode(detail, type=dict[str, Any])
        founding = msgspec.json.decode(body, type=dict[str, Any])
        fact = msgspec.convert(typed | founding, Fact)
    return fact

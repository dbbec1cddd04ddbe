"""Table `outbox`: what is to be announced, written with what it tells of."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from eclgrmd.model.messages import Activity, ErrorActivity
from eclgrmd.model.messages_v1 import MessageV1

from .connections import Row
from .database import utc_now
from .messages_v1 import error_message
from .transaction import Transaction

__all__ = ["Announcement", "announce", "forget_published", "mark_published", "unpublished"]


class Announcement(NamedTuple):
    """Something that NATS has not acknowledged yet."""

    outbox_id: int
    message_id: str
    activity: Activity
    note: str
    created_at: datetime
    typed: MessageV1 | None
    """The same in version 1; None: it was written before there was one."""


def announce(
    transaction: Transaction, message_id: str, activity: Activity, note: str, typed: MessageV1
) -> None:
    """Promise an announcement in both versions; links are paths, completed when published."""
    transaction.later(
        "INSERT INTO outbox (message_id, activity, note, detail, created_at) "
        "VALUES (%(message_id)s, %(activity)s, %(note)s, %(detail)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE message_id = message_id",
        message_id=message_id,
        activity=msgspec.json.encode(activity).decode(),
        note=note,
        detail=msgspec.json.encode(typed).decode(),
        now=utc_now(),
    )


async def unpublished(
    transaction: Transaction, limit: int, *, besides: tuple[int, ...] = ()
) -> list[Announcement]:
    """List what is to be published, `besides` what is known to be already, oldest first.

    In the place of what cannot be read any more (another version has written it), an error.
    """
    rows = await transaction.rows(
        "SELECT outbox_id, message_id, activity, note, detail, created_at FROM outbox "
        "WHERE published_at IS NULL AND outbox_id NOT IN %(besides)s "
        "ORDER BY outbox_id LIMIT %(limit)s",
        limit=limit,
        besides=besides or (0,),
    )
    return [_announcement(row) for row in rows]


def mark_published(transaction: Transaction, outbox_ids: tuple[int, ...]) -> None:
    """Remember that NATS has acknowledged these."""
    transaction.later(
        "UPDATE outbox SET published_at = %(now)s WHERE outbox_id IN %(ids)s",
        now=utc_now(),
        ids=outbox_ids,
    )


async def forget_published(transaction: Transaction, before: datetime, limit: int) -> int:
    """Remove what NATS acknowledged before `before`; give the number of announcements."""
    return await transaction.execute(
        "DELETE FROM outbox WHERE published_at < %(before)s LIMIT %(limit)s",
        before=before,
        limit=limit,
    )


def _announcement(row: Row) -> Announcement:
    activity: Activity
    typed: MessageV1 | None
    try:
        activity = msgspec.json.decode(row["activity"], type=Activity)
        typed = msgspec.json.decode(row["detail"], type=MessageV1) if row["detail"] else None
    except msgspec.DecodeError as error:
        activity = ErrorActivity(
            subject=row["message_id"],
            reason=f"the announcement cannot be read any more: {error}",
            received=row["activity"][:500],
            at=row["created_at"].isoformat() + "Z",
        )
        typed = error_message(row["message_id"], activity)
    return Announcement(
        row["outbox_id"], row["message_id"], activity, row["note"], row["created_at"], typed
    )

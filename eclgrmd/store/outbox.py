"""Table `outbox`: what is to be announced, written with what it tells of."""

from datetime import datetime

import msgspec

from eclgrmd.model.messages import Activity, ErrorActivity
from eclgrmd.model.messages_v1 import MessageV1

from .announcement import Announcement
from .connections import Row
from .database import utc_now
from .messages_v1 import error_message
from .transaction import Transaction

__all__ = ["announce", "forget_published", "mark_published", "unpublished"]


def announce(
    transaction: Transaction, message_id: str, activity: Activity, note: str, typed: MessageV1
) -> None:
    """Promise an announcement in both versions; links are paths, completed when published."""
    now = utc_now()
    transaction.promised.append(Announcement(message_id, activity, note, now, typed))
    transaction.insert_together(
        "INSERT INTO outbox (message_id, activity, note, detail, created_at)",
        "(%(message_id)s, %(activity)s, %(note)s, %(detail)s, %(now)s)",
        "ON DUPLICATE KEY UPDATE message_id = outbox.message_id",
        message_id=message_id,
        activity=msgspec.json.encode(activity).decode(),
        note=note,
        detail=msgspec.json.encode(typed).decode(),
        now=now,
    )


async def unpublished(
    transaction: Transaction, limit: int, *, besides: tuple[str, ...] = ()
) -> list[Announcement]:
    """List what is to be published, `besides` what is known to be already, oldest first.

    In the place of what cannot be read any more (another version has written it), an error.
    """
    rows = await transaction.rows(
        "SELECT message_id, activity, note, detail, created_at FROM outbox "
        "WHERE published_at IS NULL AND message_id NOT IN %(besides)s "
        "ORDER BY outbox_id LIMIT %(limit)s",
        limit=limit,
        besides=besides or ("",),
    )
    return [_announcement(row) for row in rows]


def mark_published(transaction: Transaction, message_ids: tuple[str, ...]) -> None:
    """Remember that NATS has acknowledged these."""
    transaction.later(
        "UPDATE outbox SET published_at = %(now)s WHERE message_id IN %(ids)s",
        now=utc_now(),
        ids=message_ids,
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
    return Announcement(row["message_id"], activity, row["note"], row["created_at"], typed)

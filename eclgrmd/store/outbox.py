"""Table `outbox`: what is to be announced, written with what it tells of."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from eclgrmd.model.messages import Activity

from .database import Transaction, utc_now

__all__ = ["Announcement", "announce", "mark_published", "unpublished"]


class Announcement(NamedTuple):
    """Something that NATS has not acknowledged yet."""

    outbox_id: int
    message_id: str
    activity: Activity
    note: str
    created_at: datetime


async def announce(
    transaction: Transaction, message_id: str, activity: Activity, note: str
) -> None:
    """Promise an announcement; links in it are paths, completed when it is published."""
    await transaction.execute(
        "INSERT INTO outbox (message_id, activity, note, created_at) "
        "VALUES (%(message_id)s, %(activity)s, %(note)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE message_id = message_id",
        message_id=message_id,
        activity=msgspec.json.encode(activity).decode(),
        note=note,
        now=utc_now(),
    )


async def unpublished(transaction: Transaction, limit: int) -> list[Announcement]:
    """List what is to be published, oldest first."""
    rows = await transaction.rows(
        "SELECT outbox_id, message_id, activity, note, created_at FROM outbox "
        "WHERE published_at IS NULL ORDER BY outbox_id LIMIT %(limit)s",
        limit=limit,
    )
    return [
        Announcement(
            row["outbox_id"],
            row["message_id"],
            msgspec.json.decode(row["activity"], type=Activity),
            row["note"],
            row["created_at"],
        )
        for row in rows
    ]


async def mark_published(transaction: Transaction, outbox_ids: list[int]) -> None:
    """Remember that NATS has acknowledged these."""
    numbers = ", ".join(str(int(each)) for each in outbox_ids)
    await transaction.execute(
        f"UPDATE outbox SET published_at = %(now)s WHERE outbox_id IN ({numbers})", now=utc_now()
    )

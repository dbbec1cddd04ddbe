"""Table `aging`: the time by which the age of files is judged, safe against a wrong clock."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict

from eclgrmd.store.sql.transaction import Transaction

__all__ = ["Aging", "aging", "keep_aging", "oldest_kept"]


class Aging(Struct, frozen=True):
    """The time by which files age, and the clock reading that it belongs to."""

    aged_until: datetime
    """Files are as old as they are at this time, UTC without zone."""
    clock_showed: datetime
    """The clock when `aged_until` was stored, UTC without zone."""


async def aging(transaction: Transaction) -> Aging | None:
    """Return the last stored value; without one, the time of the newest migration.

    None if there is not even a migration.
    """
    known = await transaction.row(Aging, "SELECT aged_until, clock_showed FROM aging WHERE one = 1")
    if known is not None:
        return known
    at = await transaction.value(datetime, "SELECT MAX(applied_at) FROM schema_version")
    return Aging(at, at) if at else None


def keep_aging(transaction: Transaction, now: Aging) -> None:
    """Store the time by which files age."""
    transaction.later(
        "INSERT INTO aging (one, aged_until, clock_showed) "
        "VALUES (1, %(aged_until)s, %(clock_showed)s) "
        "ON DUPLICATE KEY UPDATE aged_until = %(aged_until)s, clock_showed = %(clock_showed)s",
        **asdict(now),
    )


async def oldest_kept(transaction: Transaction) -> datetime | None:
    """Return when the oldest removable file or row was written, UTC; None if there is none."""
    return await transaction.value(
        datetime,
        "SELECT MIN(at) AS at FROM ("
        "SELECT MIN(received_at) AS at FROM data_file WHERE cleaned_at IS NULL AND path <> '' "
        "UNION ALL SELECT MIN(created_at) FROM product WHERE cleaned_at IS NULL "
        "UNION ALL SELECT MIN(created_at) FROM vhf_product WHERE cleaned_at IS NULL "
        "UNION ALL SELECT MIN(packet_at) FROM vhf WHERE packet_bytes > 0 "
        "UNION ALL SELECT MIN(published_at) FROM outbox WHERE published_at IS NOT NULL "
        "UNION ALL SELECT MIN(at) FROM fault "
        "UNION ALL SELECT MIN(buried_at) FROM dead_letter "
        "UNION ALL SELECT MIN(at) FROM audit) AS kept",
    )

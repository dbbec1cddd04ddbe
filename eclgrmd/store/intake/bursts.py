"""Table `burst`: every burst that anything was received about."""

from datetime import datetime

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "BurstCounts",
    "BurstRow",
    "burst",
    "bursts",
    "lock_burst",
    "set_expectations",
    "set_reference_time",
]


class BurstRow(Struct, frozen=True):
    """A burst as the table holds it."""

    id: str
    t0_utc: str | None
    """Reference time that an analysis used, ISO-8601 UTC."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock."""
    trigger_utc: str | None
    """Trigger time as it was told, ISO-8601 UTC."""
    expected: str
    """Instruments that a notification named, with commas between."""
    ask_reason: str
    """Why the mission database had no answer; empty: it had."""
    created_at: datetime
    """UTC, without zone."""


class BurstCounts(Struct, frozen=True):
    """A burst in a list, with how much there is of it."""

    id: str
    t0_utc: str | None
    """Reference time that an analysis used, ISO-8601 UTC."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock."""
    created_at: datetime
    """UTC, without zone."""
    data_files: int
    tasks: int
    products: int


def lock_burst(transaction: Transaction, burst_id: str) -> None:
    """Make the burst known and hold it: who adds data or tasks to a burst does so one by one."""
    # The server locks the row exclusively also where there is nothing to change.
    transaction.later(
        "INSERT INTO burst (burst_id, created_at) VALUES (%(burst)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE burst_id = burst_id",
        burst=burst_id,
        now=utc_now(),
    )


def set_reference_time(
    transaction: Transaction, burst_id: str, t0_utc: str | None, t0_met_s: float | None
) -> None:
    """Keep the reference time that an analysis used; unknown parts change nothing."""
    if t0_utc is None and t0_met_s is None:
        return
    transaction.later(
        "UPDATE burst SET t0_utc = COALESCE(%(utc)s, t0_utc), "
        "t0_met_s = COALESCE(%(met)s, t0_met_s) WHERE burst_id = %(burst)s",
        utc=t0_utc,
        met=t0_met_s,
        burst=burst_id,
    )


def set_expectations(
    transaction: Transaction, burst_id: str, trigger_utc: str | None, expected: tuple[str, ...]
) -> None:
    """Keep what was told of a burst beforehand; unknown parts change nothing."""
    transaction.later(
        "UPDATE burst SET trigger_utc = COALESCE(%(utc)s, trigger_utc), "
        "expected = IF(%(expected)s = '', expected, %(expected)s) WHERE burst_id = %(burst)s",
        utc=trigger_utc,
        expected=",".join(expected),
        burst=burst_id,
    )


async def burst(transaction: Transaction, burst_id: str) -> BurstRow | None:
    """Find one burst."""
    return await transaction.row(
        BurstRow,
        "SELECT burst_id AS id, t0_utc, t0_met_s, trigger_utc, expected, ask_reason, created_at "
        "FROM burst WHERE burst_id = %(burst)s",
        burst=burst_id,
    )


async def bursts(transaction: Transaction, *, after: str, limit: int) -> list[BurstCounts]:
    """List bursts with their number of data files, tasks and products, by id after `after`."""
    return await transaction.rows(
        BurstCounts,
        "SELECT b.burst_id AS id, b.t0_utc, b.t0_met_s, b.created_at, "
        "(SELECT COUNT(*) FROM data_file d WHERE d.burst_id = b.burst_id) AS data_files, "
        "(SELECT COUNT(*) FROM task t WHERE t.burst_id = b.burst_id) AS tasks, "
        "(SELECT COUNT(*) FROM product p WHERE p.burst_id = b.burst_id) AS products "
        "FROM burst b WHERE b.burst_id > %(after)s ORDER BY b.burst_id LIMIT %(limit)s",
        after=after,
        limit=limit,
    )

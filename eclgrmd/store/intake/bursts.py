"""Table `burst`: one row for every burst that a message, file or task named."""

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
    """A burst as REST shows it."""

    id: str
    """Id that the senders use."""
    t0_utc: str | None
    """Reference time of the last analysis, ISO-8601 UTC; None: unknown."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock; None: unknown."""
    trigger_utc: str | None
    """Trigger time that a notification gave, ISO-8601 UTC; None: none did."""
    expected: str
    """Instruments that a notification announced data of, separated by commas."""
    ask_reason: str
    """Why the last query of the mission database failed; empty: it succeeded, or there was none."""
    created_at: datetime
    """When the burst was first named, UTC without zone."""


class BurstCounts(Struct, frozen=True):
    """A burst in a list, with the number of its files, tasks and products."""

    id: str
    """Id that the senders use."""
    t0_utc: str | None
    """Reference time of the last analysis, ISO-8601 UTC; None: unknown."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock; None: unknown."""
    created_at: datetime
    """When the burst was first named, UTC without zone."""
    data_files: int
    """Number of received files, accepted or refused."""
    tasks: int
    """Number of tasks in any state."""
    products: int
    """Number of products of all tasks."""


def lock_burst(transaction: Transaction, burst_id: str) -> None:
    """Create the burst if it is new, and lock it, so that data and tasks are added one by one."""
    # This statement locks the row exclusively even if it changes nothing.
    transaction.later(
        "INSERT INTO burst (burst_id, created_at) VALUES (%(burst)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE burst_id = burst_id",
        burst=burst_id,
        now=utc_now(),
    )


def set_reference_time(
    transaction: Transaction, burst_id: str, t0_utc: str | None, t0_met_s: float | None
) -> None:
    """Store the reference time of an analysis; a part that is None stays as it was."""
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
    """Store the trigger time and the expected instruments of a burst; unknown parts stay."""
    transaction.later(
        "UPDATE burst SET trigger_utc = COALESCE(%(utc)s, trigger_utc), "
        "expected = IF(%(expected)s = '', expected, %(expected)s) WHERE burst_id = %(burst)s",
        utc=trigger_utc,
        expected=",".join(expected),
        burst=burst_id,
    )


async def burst(transaction: Transaction, burst_id: str) -> BurstRow | None:
    """Return one burst; None if there is no such burst."""
    return await transaction.row(
        BurstRow,
        "SELECT burst_id AS id, t0_utc, t0_met_s, trigger_utc, expected, ask_reason, created_at "
        "FROM burst WHERE burst_id = %(burst)s",
        burst=burst_id,
    )


async def bursts(transaction: Transaction, *, after: str, limit: int) -> list[BurstCounts]:
    """Return the bursts that follow `after`, sorted by id, with their counts."""
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

"""Tables `packet_aside` and `vhf_doubt`: packets that end their worker, and the search for them.

The search is a bisection (`model.quicklook.isolation`) whose state outlives the daemon.
"""

from collections.abc import Sequence

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause
from eclgrmd.model.quicklook.isolation import Doubt
from eclgrmd.store.sql.transaction import Answer, Transaction

__all__ = [
    "ask_aside",
    "clear_doubt",
    "count_aside",
    "doubts",
    "keep_doubt",
    "packet_ids",
    "read_aside",
    "set_aside",
]

_MOST_REASON = 500
"""Longest reason that is kept, characters."""


class _Kept(Struct, frozen=True):
    burst_id: str
    good: int
    bad: int
    failures: int


async def doubts(transaction: Transaction) -> dict[str, Doubt]:
    """Return the searches in progress, by burst."""
    rows = await transaction.rows(_Kept, "SELECT burst_id, good, bad, failures FROM vhf_doubt")
    return {row.burst_id: Doubt(good=row.good, bad=row.bad, failures=row.failures) for row in rows}


def keep_doubt(transaction: Transaction, burst_id: str, doubt: Doubt) -> None:
    """Record the state of the search in a burst."""
    transaction.later(
        "REPLACE INTO vhf_doubt (burst_id, good, bad, failures, at) "
        "VALUES (%(burst)s, %(good)s, %(bad)s, %(failures)s, %(now)s)",
        burst=burst_id,
        good=doubt.good,
        bad=doubt.bad,
        failures=doubt.failures,
        now=utc_now(),
    )


def clear_doubt(transaction: Transaction, burst_id: str) -> None:
    """Record that the search in a burst is over."""
    transaction.later("DELETE FROM vhf_doubt WHERE burst_id = %(burst)s", burst=burst_id)


async def count_aside(transaction: Transaction, burst_id: str) -> int:
    """Return the number of packets of a burst that were set aside."""
    number = await transaction.value(
        int,
        "SELECT COUNT(*) FROM packet_aside WHERE burst_id = %(burst)s",
        burst=burst_id,
    )
    return number or 0


async def packet_ids(transaction: Transaction, burst_id: str) -> list[int]:
    """Return the numbers of a burst's packets that are not set aside, in the order of arrival."""
    return await transaction.values(
        int,
        "SELECT p.packet_id FROM packet p LEFT JOIN packet_aside a ON a.packet_id = p.packet_id "
        "WHERE p.burst_id = %(burst)s AND a.packet_id IS NULL ORDER BY p.packet_id",
        burst=burst_id,
    )


def set_aside(
    transaction: Transaction,
    burst_id: str,
    packets: Sequence[int],
    cause: SetAsideCause,
    reason: str,
) -> None:
    """Set packets aside, so that no later analysis uses them."""
    transaction.later(
        "INSERT IGNORE INTO packet_aside "
        "(packet_id, burst_id, kind, instrument, number, cause, reason, at) "
        "SELECT packet_id, burst_id, kind, instrument, number, %(cause)s, %(reason)s, %(now)s "
        "FROM packet WHERE burst_id = %(burst)s AND packet_id IN %(packets)s",
        burst=burst_id,
        packets=tuple(packets),
        cause=cause.value,
        reason=reason[:_MOST_REASON],
        now=utc_now(),
    )


def ask_aside(transaction: Transaction, burst_id: str) -> Answer[PacketAside]:
    """Ask for the packets of a burst that were set aside."""
    return transaction.ask(
        PacketAside,
        "SELECT kind, instrument, number, cause, reason FROM packet_aside "
        "WHERE burst_id = %(burst)s ORDER BY packet_id",
        burst=burst_id,
    )


async def read_aside(asked: Answer[PacketAside]) -> tuple[PacketAside, ...]:
    """Read the answer of `ask_aside`."""
    return tuple(await asked.rows())

"""Tables `notice` and `packet`: what came by VHF, and the changes of a burst's state it causes."""

import hashlib
from datetime import timedelta

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.errors import SurplusError
from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.model.quicklook.notice import BurstNotices, Notice, judge, says_the_same, superfluous
from eclgrmd.model.quicklook.packet import Packet, instrument_of
from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.store.intake.bursts import lock_burst, set_expectations
from eclgrmd.store.sql.transaction import Transaction

from .bursts import QuickLookRow, announce_state, lock_quick_look, make_known

__all__ = ["packet_bodies", "record_notice", "record_packet"]

_MOST_PACKETS = 2000
"""Packets of a burst, which has about 150: a new worker can analyse so many in time."""
_MOST_NOTICES = 100
"""Notices of a burst that are kept; a burst has about 15."""
_MOST_NEWS = 1000
"""Notices of a burst that change its summary: after each it is analysed and announced again."""


class _Body(Struct, frozen=True):
    packet_id: int
    body: bytes


class _Kept(Struct, frozen=True):
    notice_id: int
    notice: str


async def record_packet(transaction: Transaction, packet: Packet, silence_s: float) -> bool:
    """Record a packet, so that its burst is analysed; return False for a repeated one.

    A final burst receives packets again; a withdrawn or superseded one keeps its state.

    Raises
    ------
    SurplusError
        If the burst has more packets than can be analysed.
    """
    body = packet_to_binary(packet)
    now = utc_now()
    lock_burst(transaction, packet.burst_id)
    make_known(transaction, packet.burst_id)
    kept = transaction.ask(
        int,
        "SELECT COUNT(*) FROM packet WHERE burst_id = %(burst)s",
        burst=packet.burst_id,
    )
    new = await transaction.execute(
        "INSERT INTO packet (burst_id, digest, kind, instrument, number, time_s, body, "
        "received_at) VALUES (%(burst)s, %(digest)s, %(kind)s, %(instrument)s, %(number)s, "
        "%(time)s, UNHEX(%(body)s), %(now)s) ON DUPLICATE KEY UPDATE packet_id = packet_id",
        burst=packet.burst_id,
        digest=hashlib.sha256(body).hexdigest(),
        kind=type(packet).__struct_config__.tag,
        instrument=instrument_of(packet),
        number=packet.number,
        time=packet.time_s,
        body=body.hex(),  # the driver cannot pass bytes
        now=now,
    )
    if not new:
        return False
    if (await kept.value() or 0) >= _MOST_PACKETS:
        raise SurplusError(f"packet: its burst has {_MOST_PACKETS} already, no more are taken")
    transaction.later(
        "UPDATE vhf SET last_packet = LAST_INSERT_ID(), silent_at = %(silent)s, "
        "packet_bytes = packet_bytes + %(size)s, packet_at = %(now)s, "
        "state = IF(state = 'final', 'receiving', state) WHERE burst_id = %(burst)s",
        size=len(body),
        now=now,
        silent=now + timedelta(seconds=silence_s),
        burst=packet.burst_id,
    )
    return True


async def packet_bodies(
    transaction: Transaction, burst_id: str, after: int, until: int | None = None
) -> list[tuple[int, bytes]]:
    """Return number and binary form of a burst's packets in the order of arrival.

    Packets that were set aside are left out.
    """
    rows = await transaction.rows(
        _Body,
        "SELECT p.packet_id, p.body FROM packet p "
        "LEFT JOIN packet_aside a ON a.packet_id = p.packet_id "
        "WHERE p.burst_id = %(burst)s AND p.packet_id > %(after)s "
        "AND (%(until)s IS NULL OR p.packet_id <= %(until)s) AND a.packet_id IS NULL "
        "ORDER BY p.packet_id",
        burst=burst_id,
        after=after,
        until=until,
    )
    return [(row.packet_id, row.body) for row in rows]


async def record_notice(
    transaction: Transaction, notice: Notice, payload: bytes, silence_s: float
) -> bool:
    """Record a notice and the new summary of its burst; return False for a repeated one.

    A retraction withdraws the burst at once, and a later notice revives it: both are announced.
    Of too many notices the oldest that the summary does not depend on are deleted. A notice that
    does not change the summary causes no analysis, and does not postpone the final update.

    Raises
    ------
    SurplusError
        If notices changed the summary so often that only a retraction is still accepted.
    """
    now = utc_now()
    lock_burst(transaction, notice.burst_id)
    held = await lock_quick_look(transaction, notice.burst_id)
    new = await transaction.execute(
        "INSERT INTO notice (burst_id, digest, ivorn, notice, payload, received_at) "
        "VALUES (%(burst)s, %(digest)s, %(ivorn)s, %(notice)s, %(payload)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE notice_id = notice_id",
        burst=notice.burst_id,
        digest=hashlib.sha256(payload).hexdigest(),
        ivorn=notice.ivorn,
        notice=msgspec.json.encode(notice).decode(),
        payload=payload.decode("utf-8", "replace"),
        now=now,
    )
    if not new:
        return False
    summary = judge(await _kept_notices(transaction, notice.burst_id))
    if not _is_news(held, summary):
        transaction.later(
            "UPDATE vhf SET notices = %(notices)s WHERE burst_id = %(burst)s",
            notices=msgspec.json.encode(summary).decode(),
            burst=notice.burst_id,
        )
        return True
    await transaction.execute(
        "UPDATE vhf SET notices = %(notices)s, t0_met_s = %(t0)s, told = told + 1, "
        "silent_at = GREATEST(silent_at, %(silent)s) WHERE burst_id = %(burst)s",
        notices=msgspec.json.encode(summary).decode(),
        t0=summary.t0_met_s,
        silent=now + timedelta(seconds=silence_s),
        burst=notice.burst_id,
    )
    set_expectations(transaction, notice.burst_id, summary.t0_utc, ())
    await _change_state(transaction, held, summary)
    return True


async def _kept_notices(transaction: Transaction, burst_id: str) -> list[Notice]:
    """Return the notices of a burst; delete those that are too many."""
    rows = await transaction.rows(
        _Kept, "SELECT notice_id, notice FROM notice WHERE burst_id = %(burst)s", burst=burst_id
    )
    found = [msgspec.json.decode(row.notice, type=Notice) for row in rows]
    forgotten = set(superfluous(found, _MOST_NOTICES))
    if forgotten:
        transaction.later(
            "DELETE FROM notice WHERE notice_id IN %(ids)s",
            ids=tuple(rows[index].notice_id for index in forgotten),
        )
    return [notice for index, notice in enumerate(found) if index not in forgotten]


def _is_news(held: QuickLookRow, summary: BurstNotices) -> bool:
    """Return whether the new summary of the notices differs from the last one.

    Raises
    ------
    SurplusError
        If they have said something new too often.
    """
    before = _said_before(held.notices)
    if before is not None and says_the_same(before, summary):
        return False
    withdrawn = summary.state == "withdrawn" and held.state != QuickLookState.WITHDRAWN
    if held.told >= _MOST_NEWS and not withdrawn:
        raise SurplusError(
            f"notice: {_MOST_NEWS} notices have changed its burst, only a retraction is taken"
        )
    return True


def _said_before(notices: str | None) -> BurstNotices | None:
    """Return the last summary of notices; None: none, or one in another version's form."""
    try:
        return msgspec.json.decode(notices or "null", type=BurstNotices | None)
    except msgspec.DecodeError:
        return None


async def _change_state(
    transaction: Transaction, held: QuickLookRow, summary: BurstNotices
) -> None:
    before = held.state
    if summary.state == "withdrawn" and before is not QuickLookState.WITHDRAWN:
        await announce_state(transaction, held, QuickLookState.WITHDRAWN, summary.reason)
    elif summary.state == "active" and before is QuickLookState.WITHDRAWN:
        await announce_state(
            transaction, held, QuickLookState.RECEIVING, "revived by a later notice"
        )

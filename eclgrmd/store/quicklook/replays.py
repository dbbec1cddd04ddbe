"""What was known of a burst after each update, and the packets that an update rests on."""

from datetime import datetime

import msgspec
from msgspec import Struct

from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.rest.replays import KnownThen, SeenThen
from eclgrmd.store.sql.transaction import Transaction

from .inbox import packet_bodies

__all__ = ["KnownUpdate", "known_history", "newest_update", "packets_kept", "replay_of"]


class _Update(Struct, frozen=True):
    version: int
    why: str
    at: datetime
    body: str


class KnownUpdate(Struct, frozen=True):
    """An update with the packets that it rests on."""

    update: QuickLookUpdate
    """The update."""
    packets: tuple[bytes, ...]
    """The packets, binary, by arrival, without those that were set aside."""


async def packets_kept(transaction: Transaction, burst_id: str) -> int | None:
    """Return how many packets of a burst are kept; None if nothing came by VHF."""
    return await transaction.value(
        int,
        "SELECT (SELECT COUNT(*) FROM packet p WHERE p.burst_id = v.burst_id) "
        "FROM vhf v WHERE v.burst_id = %(burst)s",
        burst=burst_id,
    )


async def newest_update(transaction: Transaction, burst_id: str) -> int:
    """Return the version of the newest update of a burst; 0 if there is none."""
    version = await transaction.value(
        int, "SELECT version FROM vhf WHERE burst_id = %(burst)s", burst=burst_id
    )
    return version or 0


async def known_history(
    transaction: Transaction, burst_id: str, *, after: int, limit: int
) -> list[KnownThen]:
    """Return what was known after each update behind version `after`, oldest first.

    Updates that an older version wrote in another form are left out.
    """
    rows = await transaction.rows(
        _Update,
        "SELECT version, why, at, body FROM vhf_update WHERE burst_id = %(burst)s "
        "AND version > %(after)s ORDER BY version LIMIT %(limit)s",
        burst=burst_id,
        after=after,
        limit=limit,
    )
    return [known for row in rows if (known := _known(row)) is not None]


async def replay_of(
    transaction: Transaction, burst_id: str, packets: int | None
) -> KnownUpdate | None:
    """Return the last update that rests on no more than so many packets, with those packets.

    Parameters
    ----------
    packets
        Number of packets, by arrival; None: those of the newest update.

    Returns
    -------
    KnownUpdate | None
        None: no update rests on so few packets.
    """
    body = await transaction.value(
        str,
        "SELECT body FROM vhf_update WHERE burst_id = %(burst)s AND (%(packets)s IS NULL "
        "OR CAST(JSON_VALUE(body, '$.packets') AS SIGNED) <= %(packets)s) "
        "ORDER BY version DESC LIMIT 1",
        burst=burst_id,
        packets=packets,
    )
    update = None if body is None else _decoded(body)
    if update is None:
        return None
    number = update.packets if packets is None else packets
    until = await transaction.value(
        int,
        "SELECT MAX(packet_id) FROM (SELECT packet_id FROM packet WHERE burst_id = %(burst)s "
        "ORDER BY packet_id LIMIT %(number)s) AS first",
        burst=burst_id,
        number=number,
    )
    found = [] if until is None else await packet_bodies(transaction, burst_id, 0, until)
    return KnownUpdate(update, tuple(body for _, body in found))


def _known(row: _Update) -> KnownThen | None:
    update = _decoded(row.body)
    if update is None:
        return None
    named, fits = update.classification, update.spectrum
    epeak = fits.models[0].parameters.get("epeak_kev") if fits and fits.models else None
    return KnownThen(
        version=row.version,
        packets=update.packets,
        at=row.at,
        newest_met_s=update.newest_met_s,
        t0_met_s=update.t0_met_s,
        t0_utc=update.t0_utc,
        final=update.final,
        why=row.why,
        reference=update.reference,
        burst_class=None if named is None else named.name,
        epeak_kev=None if epeak is None else epeak.value,
        instruments=[_seen(each) for each in update.instruments],
    )


def _seen(found: InstrumentUpdate) -> SeenThen:
    duration = found.duration
    return SeenThen(
        instrument=found.instrument,
        progress=found.progress,
        until_s=found.until_s,
        significance=duration.significance,
        t90_s=duration.t90.value_s,
        t90_err_minus_s=duration.t90.err_minus_s,
        t90_err_plus_s=duration.t90.err_plus_s,
        t50_s=duration.t50.value_s,
        t100_s=duration.t100_s,
    )


def _decoded(body: str) -> QuickLookUpdate | None:
    """Return an update; None if an older version wrote it in another form."""
    try:
        return msgspec.json.decode(body, type=QuickLookUpdate)
    except msgspec.DecodeError:
        return None

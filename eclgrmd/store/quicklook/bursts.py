"""Tables `vhf` and `vhf_update`: state and updates of the quick look at each burst."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, structs

from eclgrmd.clock import utc_now
from eclgrmd.model.flags import Flag, FlagCode, texts
from eclgrmd.model.messages.facts import QuickLookFact
from eclgrmd.model.names import path_part
from eclgrmd.model.pipeline import Summary
from eclgrmd.model.quicklook.announcing import why_announce
from eclgrmd.model.quicklook.updates import QuickLookState, QuickLookUpdate, compare_with_quick_look
from eclgrmd.store.intake.bursts import lock_burst, set_quick_results
from eclgrmd.store.intake.outbox import announce
from eclgrmd.store.sql.announcement import caused_by, quick_look_id
from eclgrmd.store.sql.transaction import Answer, Transaction

__all__ = [
    "DueBurst",
    "QuickLookRow",
    "announce_state",
    "conclude_without",
    "due_bursts",
    "lock_quick_look",
    "make_known",
    "quick_look_version",
    "record_update",
    "supersede_quick_look",
]

_COLUMNS = "burst_id, state, notices, told, version, newest, announced, announced_update, silent_at"
"""As in `QuickLookRow`."""
_DUE = (
    "state IN ('receiving', 'final') AND (last_packet <> analysed_packet "
    "OR (told <> analysed_told AND last_packet > 0) "
    "OR (state = 'receiving' AND silent_at <= %(now)s AND last_packet > 0))"
)
"""All columns that this and its query need are in one index, since it covers bursts of years."""


_MOST_OF_REASON = 500
"""Longest part of a reason that a flag states, characters."""


class QuickLookRow(Struct, frozen=True):
    """Row of a burst, locked until the end of the transaction."""

    burst_id: str
    """The burst."""
    state: QuickLookState
    """State of the quick look."""
    notices: str | None
    """Summary of all notices, JSON; None: none came."""
    told: int
    """How often a notice changed that summary."""
    version: int
    """Version of the newest update; 0: there is none."""
    newest: str | None
    """The newest update, JSON."""
    announced: int
    """Version of the last update that was announced; 0: none was."""
    announced_update: str | None
    """That update, JSON; None: the next one has to be announced in any case."""
    silent_at: datetime
    """When no more packets are expected, UTC without zone."""


class _News(Struct, frozen=True):
    burst_id: str
    version: int
    last_packet: int
    analysed_packet: int
    told: int
    t0_met_s: float | None
    silent_at: datetime


class DueBurst(NamedTuple):
    """A burst with news, as it was when it was found."""

    burst_id: str
    """The burst."""
    version: int
    """Version of its newest update: the fencing token of this analysis."""
    last_packet: int
    """Number of its newest packet."""
    analysed_packet: int
    """Packet up to which it was analysed."""
    told: int
    """How often a notice changed the summary of its notices."""
    t0_met_s: float | None
    """Reference time of the notices, seconds of the mission; None: they have none."""
    final: bool
    """Whether no more packets are expected."""


def make_known(transaction: Transaction, burst_id: str) -> None:
    """Insert the row of a burst unless there is one; the burst itself is locked already."""
    now = utc_now()
    transaction.later(
        "INSERT INTO vhf (burst_id, state, reason, silent_at, changed_at) "
        "VALUES (%(burst)s, 'receiving', '', %(now)s, %(now)s) "
        "ON DUPLICATE KEY UPDATE burst_id = vhf.burst_id",
        burst=burst_id,
        now=now,
    )


async def lock_quick_look(transaction: Transaction, burst_id: str) -> QuickLookRow:
    """Insert the row of a burst unless there is one, and lock it; the burst is locked already."""
    make_known(transaction, burst_id)
    row = await _held(transaction, burst_id)
    if row is None:  # it has just been written
        raise LookupError(burst_id)
    return row


async def due_bursts(transaction: Transaction, limit: int) -> list[DueBurst]:
    """Return bursts with news: those without any analysis first, then by the last one's time."""
    now = utc_now()
    rows = await transaction.rows(
        _News,
        "SELECT burst_id, version, last_packet, analysed_packet, told, t0_met_s, silent_at "
        f"FROM vhf WHERE {_DUE} ORDER BY analysed_packet > 0, changed_at LIMIT %(limit)s",
        now=now,
        limit=limit,
    )
    return [
        DueBurst(
            burst_id=row.burst_id,
            version=row.version,
            last_packet=row.last_packet,
            analysed_packet=row.analysed_packet,
            told=row.told,
            t0_met_s=row.t0_met_s,
            final=row.silent_at <= now,
        )
        for row in rows
    ]


async def record_update(
    transaction: Transaction, due: DueBurst, update: QuickLookUpdate | None, last_packet: int
) -> bool:
    """Record an update, and announce it if that is worthwhile (`why_announce`).

    Returns False, and records nothing, if another analysis was faster or the burst was withdrawn
    or superseded meanwhile.
    """
    lock_burst(transaction, due.burst_id)
    held = await _held(transaction, due.burst_id)
    if held is None or held.version != due.version:
        return False
    if held.state not in (QuickLookState.RECEIVING, QuickLookState.FINAL):
        return False
    silent = due.final and held.silent_at <= utc_now()
    state = QuickLookState.FINAL if silent else QuickLookState.RECEIVING
    version = due.version + 1
    transaction.later(
        "UPDATE vhf SET state = %(state)s, version = %(version)s, analysed_packet = %(packet)s, "
        "analysed_told = %(told)s, changed_at = %(now)s WHERE burst_id = %(burst)s",
        state=state,
        version=version,
        # Packets that were cleaned meanwhile are analysed as far as they ever can be.
        packet=max(last_packet, due.last_packet),
        told=due.told,
        now=utc_now(),
        burst=due.burst_id,
    )
    if update is None:
        return True
    why = why_announce(_decoded(held.announced_update), update)
    body = msgspec.json.encode(update).decode()
    _keep_version(transaction, due.burst_id, version, why, body)
    set_quick_results(transaction, due.burst_id, update)
    transaction.later(
        "UPDATE vhf SET newest = %(body)s WHERE burst_id = %(burst)s", body=body, burst=due.burst_id
    )
    if why:
        transaction.later(
            "UPDATE vhf SET announced = %(version)s, announced_update = newest, "
            "reason = %(why)s, produce_at = IF(%(final)s, NULL, produce_at) "
            "WHERE burst_id = %(burst)s",
            version=version,
            why=why,
            final=update.final,
            burst=due.burst_id,
        )
        await _announce(transaction, structs.replace(held, version=version), state, why, update)
    return True


async def conclude_without(transaction: Transaction, due: DueBurst, reason: str) -> None:
    """Record that an update cannot be computed, so that it is not tried for ever.

    The newest update is recorded once more, with a flag that states the reason.
    """
    lock_burst(transaction, due.burst_id)
    held = await _held(transaction, due.burst_id)
    if held is None or held.version != due.version:
        return
    newest = _decoded(held.newest)
    if newest is not None:
        what = "the final measurement" if due.final else "what notices told"
        flag = Flag(FlagCode.EARLIER_UPDATE, subject=what, detail=reason[:_MOST_OF_REASON])
        newest = structs.replace(newest, final=due.final, flags=(*newest.flags, flag.stated))
    await record_update(transaction, due, newest, due.last_packet)


async def announce_state(
    transaction: Transaction, held: QuickLookRow, state: QuickLookState, reason: str
) -> None:
    """Change the state of a locked burst, and announce the change."""
    version = held.version + 1
    newest = _decoded(held.newest)
    transaction.later(
        "UPDATE vhf SET state = %(state)s, version = %(version)s, reason = %(reason)s, "
        "changed_at = %(now)s WHERE burst_id = %(burst)s",
        state=state,
        version=version,
        reason=reason,
        now=utc_now(),
        burst=held.burst_id,
    )
    if newest is not None:
        body = msgspec.json.encode(newest).decode()
        _keep_version(transaction, held.burst_id, version, reason, body)
    if state is QuickLookState.RECEIVING:
        # The next update has to be announced in any case.
        transaction.later(
            "UPDATE vhf SET announced_update = NULL, analysed_packet = 0 "
            "WHERE burst_id = %(burst)s",
            burst=held.burst_id,
        )
    await _announce(transaction, structs.replace(held, version=version), state, reason, newest)


def quick_look_version(transaction: Transaction, burst_id: str) -> Answer[int]:
    """Ask for the version of the newest update of a burst; no row: it has no quick look."""
    return transaction.ask(
        int, "SELECT version FROM vhf WHERE burst_id = %(burst)s", burst=burst_id
    )


async def supersede_quick_look(
    transaction: Transaction, burst_id: str, task_id: str, summary: Summary
) -> None:
    """Supersede the quick look by a result of the full data, and record how the two compare."""
    held = await _held(transaction, burst_id)
    if held is None:
        return
    comparison = compare_with_quick_look(_decoded(held.newest), task_id, summary)
    if comparison is None:
        return
    transaction.later(
        "REPLACE INTO vhf_comparison (burst_id, task_id, body, at) "
        "VALUES (%(burst)s, %(task)s, %(body)s, %(now)s)",
        burst=burst_id,
        task=task_id,
        body=msgspec.json.encode(comparison).decode(),
        now=utc_now(),
    )
    if held.state in (QuickLookState.RECEIVING, QuickLookState.FINAL):
        await announce_state(
            transaction, held, QuickLookState.SUPERSEDED, f"superseded by task {task_id}"
        )


async def _held(transaction: Transaction, burst_id: str) -> QuickLookRow | None:
    return await transaction.row(
        QuickLookRow,
        f"SELECT {_COLUMNS} FROM vhf WHERE burst_id = %(burst)s FOR UPDATE",
        burst=burst_id,
    )


def _keep_version(
    transaction: Transaction, burst_id: str, version: int, why: str, body: str
) -> None:
    transaction.later(
        "INSERT INTO vhf_update (burst_id, version, why, body, at) "
        "VALUES (%(burst)s, %(version)s, %(why)s, %(body)s, %(now)s)",
        burst=burst_id,
        version=version,
        why=why[:200],
        body=body,
        now=utc_now(),
    )


async def _announce(
    transaction: Transaction,
    held: QuickLookRow,
    state: QuickLookState,
    why: str,
    update: QuickLookUpdate | None,
) -> None:
    burst_id, version = held.burst_id, held.version
    before = held.announced
    fact = QuickLookFact(
        at=utc_now().isoformat() + "Z",
        burst_id=burst_id,
        causes=caused_by(quick_look_id(burst_id, before)) if before else (),
        version=version,
        state=state,
        why=why,
        headline={} if update is None else _headline(update),
        link=f"/bursts/{path_part(burst_id)}/vhf",
    )
    note = f"Quick look at {burst_id}, version {version}: {why}"
    announce(transaction, quick_look_id(burst_id, version), fact, note)


def _headline(update: QuickLookUpdate) -> dict[str, Any]:
    """Return the numbers that a burst advocate looks at first."""
    seen, named = update.of(update.reference), update.classification
    headline: dict[str, Any] = {
        "t0_utc": update.t0_utc,
        "packets": update.packets,
        "newest_met_s": update.newest_met_s,
        "flags": texts(update.flags),
        "set_aside": update.set_aside,
        "instrument": update.reference,
        "class": None if named is None else named.name,
        "probability_short": None if named is None else named.probability_short,
    }
    if seen is not None:
        duration = seen.duration
        headline |= {
            "progress": seen.progress,
            "until_s": seen.until_s,
            "band_kev": duration.band_kev,
            "significance": duration.significance,
            "t90_s": duration.t90.value_s,
            "t90_err_minus_s": duration.t90.err_minus_s,
            "t90_err_plus_s": duration.t90.err_plus_s,
            "t50_s": duration.t50.value_s,
            "flags": texts((*update.flags, *seen.flags)),
        }
    return headline


def _decoded(body: str | None) -> QuickLookUpdate | None:
    """Return an update; None also where an older version wrote it in another form."""
    try:
        return None if body is None else msgspec.json.decode(body, type=QuickLookUpdate)
    except msgspec.DecodeError:
        return None

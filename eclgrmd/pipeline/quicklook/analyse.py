"""Updates of bursts, in a worker process that keeps their state from packet to packet."""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import structlog

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.results import BurstSoFar, InstrumentSoFar
from eclgrmd.model.mission_time import utc_of_met
from eclgrmd.model.quicklook.aside import PacketAside, aside_flags
from eclgrmd.model.quicklook.packet import Packet
from eclgrmd.model.quicklook.updates import (
    InstrumentUpdate,
    QuickLookAnswer,
    QuickLookRequest,
    QuickLookUpdate,
)
from eclgrmd.products.result import published

from .bad_packets import measure_without_bad, read_stored
from .responses import read_responses
from .tally import PacketTally

__all__ = ["analyse"]

_MOST_BURSTS = 100
"""Bursts whose state is kept; of one that was dropped all packets are needed again."""
_MOST_FLAGS = 20
"""Flags of an update, which messages carry."""


@dataclass(slots=True, eq=False)
class _Held:
    """State of a burst in this process."""

    burst: GrowingBurst
    """Its packets, and what was measured so far."""
    last: int = 0
    """Number of the last packet, in the store."""
    tally: PacketTally = field(default_factory=PacketTally)
    """Counts of its packets."""
    set_aside: tuple[PacketAside, ...] = ()
    """Packets that cannot be read or analysed."""

    def add(self, packet: Packet) -> None:
        self.burst.add(packet)
        self.tally.add(packet)


_HELD: OrderedDict[str, _Held] = OrderedDict()
"""Bursts of this process, the least recent first; each can be computed again from its packets."""


def analyse(request: QuickLookRequest) -> QuickLookAnswer:
    """Add packets to a burst and return its new update."""
    held = _HELD.pop(request.burst_id, None)
    if request.after != 0 and (held is None or held.last != request.after):
        return QuickLookAnswer(known=False)
    packets, unreadable = read_stored([body for _, body in request.packets])

    def measure(burst: GrowingBurst) -> BurstSoFar | None:
        burst.use_t0(request.t0_met_s)
        return burst.measure(final=request.final)

    # The state is not kept while it changes: after an error the burst is computed again.
    if request.after == 0 or held is None:
        responses = read_responses(request.calibration_dir)
        measured = measure_without_bad(packets, lambda: GrowingBurst(responses), measure)
        held = _Held(measured.burst, set_aside=measured.set_aside)
        found = measured.found
        for packet in measured.packets:
            held.tally.add(packet)
    else:
        try:
            for packet in packets:
                held.add(packet)
            found = measure(held.burst)
        except Exception as error:  # noqa: BLE001 - the answer to it finds the bad packet
            structlog.get_logger("quicklook").warning(
                "quick look starts over",
                burst_id=request.burst_id,
                reason=f"{type(error).__name__}: {error}",
            )
            return QuickLookAnswer(known=False)
    held.set_aside += unreadable
    held.last = request.packets[-1][0] if request.packets else request.after
    _HELD[request.burst_id] = held
    while len(_HELD) > _MOST_BURSTS:
        _HELD.popitem(last=False)
    return QuickLookAnswer(
        known=True,
        update=None if found is None else _update(request, held, found),
    )


def _update(request: QuickLookRequest, held: _Held, found: BurstSoFar) -> QuickLookUpdate:
    unused = (*request.set_aside, *held.set_aside)
    set_aside = (*unused, *found.left_out)
    missing, wrong = held.tally.missing(set_aside)
    newest_met_s, stray = held.tally.newest()
    flags = (*found.flags, *aside_flags(set_aside), *wrong, *stray)
    update = QuickLookUpdate(
        burst_id=request.burst_id,
        obs_id=held.tally.obs_id,
        t0_utc=utc_of_met(found.t0_met_s),
        t0_met_s=found.t0_met_s,
        packets=held.tally.packets + len(unused),
        missing=missing,
        newest_met_s=newest_met_s,
        instruments=tuple(_instrument(each) for each in found.instruments),
        reference=found.reference,
        classification=found.classification,
        spectrum=found.spectrum,
        set_aside=dict(Counter(each.cause.value for each in set_aside)),
        flags=flags[:_MOST_FLAGS],
        final=request.final,
    )
    return published(update, QuickLookUpdate)


def _instrument(found: InstrumentSoFar) -> InstrumentUpdate:
    return InstrumentUpdate(
        instrument=found.instrument,
        progress=found.progress,
        until_s=found.until_s,
        bins=found.bins,
        duration=found.measurement,
        hardness=found.hardness,
        peak_rates=found.peak_rates,
        restarts=found.restarts,
    )

"""The reference sequence of a burst: 150 packets, one per second, 7 of them alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import (
    AlertPacket,
    AttitudePacket,
    DescriptorPacket,
    LightCurvePacket,
    Packet,
    Pointing,
    TriggerPacket,
)

from .counts import FineCounts

__all__ = ["PACKETS", "PERIOD_S", "Sent", "make_sequence"]

PACKETS = 150
"""Packets of a sequence."""
PERIOD_S = 1.0
"""Time between two packets, seconds."""
_FIRST_S = 2.0
"""Arrival of the first packet, seconds after T0."""
_ALERTS = (1, 5, 10, 20, 28, 60, 100)
"""Slots of alerts; the slew is requested at 30 s and lasts 89 s."""
_SLEW_S = (30.0, 119.0)
"""Start and stop of the slew, seconds after T0."""
_ATTITUDES = (40, 90, 120)
"""Slots of attitude packets."""
_COARSE_S = 0.512
"""Approximate width of a bin of low priority, seconds."""
_BINS = 64
"""Largest number of bins in a packet."""
_FINE_WINDOW_S = (-4.0, 16.0)
"""Interval that is sent in fine bins, seconds after T0."""
_LEAST_S = {"high": 0.5, "low": 2.0}
"""Least data in a packet, by priority, seconds."""
_WEIGHT = {"high": 4.0, "low": 1.0}
"""Weight of waiting data, by priority."""
_POINTING = Pointing((6998.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
"""Position of the satellite in km and its attitude, constant."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet and its time of arrival."""

    at_s: float
    """Arrival, seconds after T0."""
    packet: Packet
    """The packet."""


@dataclass(slots=True, eq=False)
class _Series:
    """Unsent counts of one instrument at one priority."""

    fine: FineCounts
    priority: Literal["high", "low"]
    next_bin: int
    last_bin: int

    @property
    def width(self) -> int:
        return 1 if self.priority == "high" else _coarse(self.fine)

    def ready(self, now_s: float) -> int:
        """Return the number of complete, unsent fine bins, in whole bins of a packet."""
        until = min(int((now_s - self.fine.start_s) / self.fine.bin_s), self.last_bin)
        return min(max(until - self.next_bin, 0) // self.width, _BINS) * self.width

    def waiting_s(self, now_s: float) -> float:
        """Return the weighted amount of waiting data, seconds; 0: not enough for a packet."""
        waiting = (
            min((now_s - self.fine.start_s) / self.fine.bin_s, self.last_bin) - self.next_bin
        ) * self.fine.bin_s
        enough = self.ready(now_s) > 0 and waiting >= _LEAST_S[self.priority]
        last = self.ready(now_s) > 0 and self.next_bin + self.ready(now_s) >= self.last_bin
        return waiting * _WEIGHT[self.priority] if enough or last else 0.0


def make_sequence(
    burst_id: str, t0_met_s: float, sources: Sequence[FineCounts], *, obs_id: str = ""
) -> list[Sent]:
    """Return the packets of a burst in the order in which they arrive."""
    sequencer = _Sequencer(burst_id, obs_id, t0_met_s, sources)
    slots = [(_FIRST_S + slot * PERIOD_S, slot) for slot in range(PACKETS)]
    packets = [(at_s, sequencer.packet(slot, at_s)) for at_s, slot in slots]
    return [Sent(at_s, packet) for at_s, packet in packets if packet is not None]


class _Sequencer:
    """Chooses the packet of each slot and counts packets."""

    def __init__(
        self, burst_id: str, obs_id: str, t0_met_s: float, sources: Sequence[FineCounts]
    ) -> None:
        self._burst_id, self._obs_id, self._t0 = burst_id, obs_id, t0_met_s
        self._sources = sources
        self._series = [each for source in sources for each in _series(source)]
        self._numbers: dict[str, int] = {}

    def packet(self, slot: int, at_s: float) -> Packet | None:
        """Return the packet of a slot, or None if there is nothing to send."""
        if slot == 0 and self._sources[0].instrument is not Instrument.ECLAIRS:
            return self._trigger(at_s, self._sources[0])
        if slot == 0 and len(self._sources) > 1:
            return self._trigger(at_s, self._sources[1])
        if slot in _ALERTS:
            return self._alert(at_s)
        if slot in _ATTITUDES:
            slewing = _SLEW_S[0] <= at_s < _SLEW_S[1]
            return AttitudePacket(
                burst_id=self._burst_id, obs_id=self._obs_id, number=self._number("attitude"),
                time_s=self._t0 + at_s, pointing=_POINTING, slewing=slewing,
            )  # fmt: skip
        if slot == PACKETS - 1:
            return self._descriptor(at_s)
        return self._light_curve(at_s)

    def _number(self, kind: str) -> int:
        self._numbers[kind] = self._numbers.get(kind, -1) + 1
        return self._numbers[kind]

    def _trigger(self, at_s: float, source: FineCounts) -> TriggerPacket:
        return TriggerPacket(
            burst_id=self._burst_id, obs_id=self._obs_id, number=self._number("trigger"),
            time_s=self._t0 + at_s, trigger_time_s=self._t0, timescale_s=1.0,
            band_kev=source.bands_kev[-1], snr=8.0, detectors=source.detectors,
        )  # fmt: skip

    def _alert(self, at_s: float) -> AlertPacket:
        number = self._number("alert")
        return AlertPacket(
            burst_id=self._burst_id, obs_id=self._obs_id, number=number, time_s=self._t0 + at_s,
            trigger_time_s=self._t0, slew_request=at_s >= _SLEW_S[0], ra_deg=120.0, dec_deg=-30.0,
            error_deg=0.2, pointing=_POINTING,
        )  # fmt: skip

    def _descriptor(self, at_s: float) -> DescriptorPacket:
        return DescriptorPacket(
            burst_id=self._burst_id,
            obs_id=self._obs_id,
            number=self._number("descriptor"),
            time_s=self._t0 + at_s,
            start_s=self._t0 + min(source.start_s for source in self._sources),
            stop_s=self._t0 + at_s,
            light_curves={
                source.instrument: self._numbers.get(f"light curve {source.instrument}", -1) + 1
                for source in self._sources
            },
        )

    def _light_curve(self, at_s: float) -> LightCurvePacket | None:
        """Return the packet of the data that have waited longest; fine bins weigh more."""
        worth = [(each.waiting_s(at_s), i) for i, each in enumerate(self._series)]
        longest, which = max(worth)
        if longest <= 0.0:
            return None
        series = self._series[which]
        source, first, number = series.fine, series.next_bin, series.ready(at_s)
        series.next_bin += number
        group = (number // series.width, series.width)
        part = slice(first, first + number)
        counts = source.counts[part].reshape(*group, *source.counts.shape[1:]).sum(axis=1)
        return LightCurvePacket(
            burst_id=self._burst_id,
            obs_id=self._obs_id,
            number=self._number(f"light curve {source.instrument}"),
            time_s=self._t0 + at_s,
            instrument=source.instrument,
            priority=series.priority,
            start_s=self._t0 + source.start_s + first * source.bin_s,
            bin_s=series.width * source.bin_s,
            bands_kev=source.bands_kev,
            detectors=source.detectors,
            counts=tuple(
                tuple(tuple(int(n) for n in band) for band in detector)
                for detector in np.moveaxis(counts, 0, 2)
            ),
            live=tuple(float(x) for x in source.live[part].reshape(group).mean(axis=1)),
        )


def _series(source: FineCounts) -> list[_Series]:
    """Return fine bins around T0 and coarse bins over the whole time; T0 is an edge of both."""
    n = len(source.counts)
    low, high = (
        int(np.clip(round((edge - source.start_s) / source.bin_s), 0, n)) for edge in _FINE_WINDOW_S
    )
    first = round(-source.start_s / source.bin_s) % _coarse(source)
    slow = _Series(source, "low", first, n)
    return [slow] if _coarse(source) == 1 else [_Series(source, "high", low, high), slow]


def _coarse(source: FineCounts) -> int:
    """Return the number of source bins in a bin of low priority; 1: no high priority."""
    return max(1, round(_COARSE_S / source.bin_s))

"""The growing data of one instrument, and what the full analysis measures in them."""

from typing import NamedTuple

import numpy as np

from eclgrmd.analysis.character.describe import hardness_over, peak_rates_over
from eclgrmd.analysis.character.series import InstrumentData
from eclgrmd.analysis.temporal.curve.bands import DEFAULT_BANDS_KEV
from eclgrmd.analysis.temporal.curve.curves import curve_from_histories
from eclgrmd.analysis.temporal.curve.satellite import SatelliteState
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.analysis.temporal.search.find import FoundBurst
from eclgrmd.analysis.temporal.width.durations import measure_found
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import History, LightCurve, Observation
from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import LightCurvePacket
from eclgrmd.model.result import HardnessRatio, PeakRate

from .bins import Bins, BinStore
from .growing import GrowingSearch, span_of
from .histories import histories_of
from .majority import FAR_S, main_group
from .results import InstrumentSoFar, Progress

__all__ = ["GrowingInstrument"]

_REPLICAS, _FINAL_REPLICAS = 100, 1000
"""Replicas behind the errors while packets come, and at the end, as in the full analysis."""
_PEAK_SCALES_S = (0.064, 1.0)
"""Windows of the peak rates: the width of the finest bins that packets bring, and a second."""
_LEAST_BINS = 8
"""Smallest number of bins that is analysed; a choice."""
_QUIET_S = 10.0
"""Shortest quiet time, seconds, after which a burst has ended; a choice."""
_QUIET_PART = 0.5
"""The same as a fraction of the burst's length; the larger of both applies."""
_MORE_QUIET = 1.5
"""Factor by which the quiet time after a burst grows until its durations are measured again; a
choice. They change little by then, and measuring them is most of the work."""
_FAR = "its bins lie more than an hour from the others"
_EDGE_S = 1e-3
"""Largest difference between the start of a packet and that of its first bin, seconds."""


_Basis = tuple[Interval | None, float, int]
"""T100, t0 and number of restarts of the search: while they stay, only quiet bins were added."""


class _Measured(NamedTuple):
    """Durations, and for how long they are used."""

    measurement: DurationMeasurement
    basis: _Basis
    good_until_s: float
    """Longest quiet time after the burst, seconds."""


class GrowingInstrument:
    """Collects the light-curve packets of one instrument and measures the burst in them.

    Parameters
    ----------
    first
        Any of the packets; all have the same detectors and bands.
    origin_met_s
        Zero point of the times of bins, mission elapsed time in seconds.
    """

    def __init__(self, first: LightCurvePacket, origin_met_s: float) -> None:
        self.instrument = first.instrument
        self._detectors = first.detectors
        self._bands_kev = first.bands_kev
        self._origin_met_s = origin_met_s
        self._store = BinStore(origin_met_s)
        self._search = GrowingSearch()
        self._offset_s = 0.0
        self._starts: list[tuple[float, PacketAside]] = []
        """Start of each packet, seconds after the origin, with a report in case it is left out."""
        self._refused: list[PacketAside] = []
        self._far: tuple[PacketAside, ...] = ()
        self._measured: _Measured | None = None
        self._character: tuple[HardnessRatio | None, tuple[PeakRate, ...]] = (None, ())
        self._character_basis: _Basis | None = None
        """For what hardness and peak rates were computed."""

    def add(self, packet: LightCurvePacket) -> bool:
        """Add the counts of a packet; return whether any of them is new."""
        try:
            new = self._store.add(packet)
        except InputError as error:
            self._refused.append(aside(packet, SetAsideCause.TOO_MUCH, str(error)))
            return False
        if new:
            described = aside(packet, SetAsideCause.STRAY_TIME, _FAR)
            self._starts.append((packet.start_s - self._origin_met_s, described))
        return new

    @property
    def left_out(self) -> tuple[PacketAside, ...]:
        """Packets that the last measurement did not use."""
        return (*self._refused, *self._far)

    def measure(self, offset_s: float, *, final: bool, seed: int) -> InstrumentSoFar | None:
        """Measure the burst in the data so far; return None if there are fewer than 8 bins.

        Parameters
        ----------
        offset_s
            t0, seconds after the origin.
        final
            True if no more data will come: the measurement starts over, with more replicas, and
            includes the durations inside T100 and between plateaus.
        seed
            Seed of the replicas.
        """
        bins = self._near(self._store.merged())
        if len(bins.start_s) < _LEAST_BINS:
            return None
        if final or offset_s != self._offset_s:
            self._offset_s = offset_s
            self._search.forget()
        histories = histories_of(bins, self.instrument, self._detectors, self._bands_kev, offset_s)
        curve = curve_from_histories(histories, _measured_band(histories[0]))
        finding, window_s = self._search.find(curve), span_of(curve)
        basis = (finding.t100_s, offset_s, self._search.restarts)
        before, quiet_s = self._measured, _quiet_s(curve, finding.t100_s)
        if final or before is None or before.basis != basis or quiet_s > before.good_until_s:
            duration = DurationChoice(bootstrap=_FINAL_REPLICAS if final else _REPLICAS)
            configuration = TaskConfiguration(duration=duration, seed=seed)
            measured = measure_found(curve, finding, window_s, configuration, alternatives=final)
            self._measured = _Measured(measured, basis, _MORE_QUIET * quiet_s)
        else:
            measured = before.measurement
        hardness, peak_rates = self._characterised(histories, measured, basis, seed)
        return InstrumentSoFar(
            instrument=self.instrument,
            progress=_progress(curve, measured),
            until_s=window_s[1],
            bins=len(curve.counts),
            found=FoundBurst(curve, finding, SatelliteState(), window_s, measured.significance),
            measurement=measured,
            histories=histories,
            hardness=hardness,
            peak_rates=peak_rates,
            restarts=self._search.restarts,
        )

    def _characterised(
        self,
        histories: tuple[History, ...],
        measured: DurationMeasurement,
        basis: _Basis,
        seed: int,
    ) -> tuple[HardnessRatio | None, tuple[PeakRate, ...]]:
        """Return hardness and peak rates; repeat them only if T100 or the background changed."""
        if basis != self._character_basis:
            self._character_basis = basis
            self._character = _character(histories, measured, seed)
        return self._character

    def _near(self, bins: Bins) -> Bins:
        """Return the bins without those more than an hour from the others."""
        self._far = ()
        if not (np.diff(bins.start_s) > FAR_S).any():
            return bins
        near = bins.only(main_group(bins.start_s.tolist(), FAR_S))
        first, last = float(near.start_s[0]), float(near.start_s[-1])
        self._far = tuple(
            each for start, each in self._starts if not first - _EDGE_S <= start <= last + _EDGE_S
        )
        return near


def _measured_band(history: History) -> Interval | None:
    """Return the instrument's default band; None (all bands) if no band of the packets is in it."""
    band = DEFAULT_BANDS_KEV.get(history.instrument)
    return band if band is not None and history.channels.nearest(*band).any() else None


def _character(
    histories: tuple[History, ...], measured: DurationMeasurement, seed: int
) -> tuple[HardnessRatio | None, tuple[PeakRate, ...]]:
    if measured.t100_s is None or measured.background_fit is None:
        return None, ()
    series = InstrumentData.of(Observation(BurstId(""), "", 0.0, histories=histories), measured)
    return (
        hardness_over(series, measured, measured.t100_s),
        peak_rates_over(series, measured, measured.t100_s, seed, _PEAK_SCALES_S),
    )


def _progress(curve: LightCurve, measured: DurationMeasurement) -> Progress:
    if measured.t100_s is None:
        return Progress.NOTHING
    start, stop = measured.t100_s
    quiet_s = _quiet_s(curve, measured.t100_s)
    if quiet_s <= 1e-6:
        return Progress.RISING
    enough_s = max(_QUIET_S, _QUIET_PART * (stop - start))
    return Progress.ENDED if quiet_s >= enough_s else Progress.QUIET


def _quiet_s(curve: LightCurve, t100_s: Interval | None) -> float:
    """Return the length of the data after the burst, seconds; 0 if there is no burst."""
    return 0.0 if t100_s is None else float(curve.stop_s[-1]) - t100_s[1]

"""The growing light curve of one instrument, whose segmentation is extended with each packet."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.analysis.temporal.blocks import Segmentation
from eclgrmd.analysis.temporal.curve.curves import DEFAULT_BANDS_KEV
from eclgrmd.analysis.temporal.results import BackgroundFit, DurationMeasurement
from eclgrmd.analysis.temporal.search.prior import false_alarm_prior
from eclgrmd.analysis.temporal.search.rounds import Finding, find_burst, judge_blocks
from eclgrmd.analysis.temporal.width.durations import measure_found
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import BackgroundChoice, DurationChoice, TaskConfiguration
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import LightCurvePacket
from eclgrmd.model.result import HardnessRatio, PeakRate

from .bins import Bins, BinStore
from .majority import FAR_S, main_group
from .results import InstrumentSoFar, Progress
from .sums import band_curves, hardness_so_far, peaks_so_far

__all__ = ["InstrumentStream"]

_FALSE_ALARM = 0.01
"""Probability of a false change point in a constant rate; a choice."""
_CELLS = 1000
"""Number of bins for which the prior of a block is calibrated. It is fixed because the prior must
not change while the series grows; a choice."""
_REPLICAS = 100
"""Number of replicas for the errors of each update; a choice, for speed."""
_FINAL_REPLICAS = 1000
"""Number of replicas for the errors of the final measurement."""
_RENEW_S = 8.0
"""Length of new data, seconds, after which the background is fitted again; a choice."""
_RENEW_PART = 0.05
"""The same as a fraction of all data; the larger of both applies."""
_LEAST_BINS = 8
"""Smallest number of bins that is analysed; a choice."""
_QUIET_S = 10.0
"""Shortest quiet time, seconds, after which a burst has ended; a choice."""
_QUIET_PART = 0.5
"""The same as a fraction of the burst's length; the larger of both applies."""
_BAND_SLACK = 0.03
"""Relative tolerance of the band edges of packets; a choice."""
_FAR = "its bins lie more than an hour from the others"


@dataclass(slots=True, eq=False)
class _Epoch:
    """A background fit, with the segmentation that is extended as long as the fit is used."""

    fit: BackgroundFit
    """The background."""
    segmentation: Segmentation
    """The blocks above this background."""
    bins: Bins
    """Bins segmented so far."""
    renew_at_s: float
    """Time, seconds after t0, from which data require a new background fit."""


class InstrumentStream:
    """Collects the light-curve packets of one instrument and measures the burst in them.

    As long as packets arrive in order, the segmentation is extended. It starts over when a late
    packet fills a gap, and when the background is fitted again. This happens after every 8 s (or 5
    %) of new data, because only data after the burst constrain the background behind it.

    Parameters
    ----------
    first
        Any of the packets; all have the same detectors and bands.
    origin_met_s
        Zero point of the times of bins, mission elapsed time in seconds.
    """

    def __init__(self, first: LightCurvePacket, origin_met_s: float) -> None:
        self.instrument: Instrument = first.instrument
        self.detectors = first.detectors
        self.bands_kev = first.bands_kev
        self._origin_met_s = origin_met_s
        self._store = BinStore(origin_met_s)
        self._epoch: _Epoch | None = None
        self._offset_s = 0.0
        self._restarts = -1
        self._starts: list[tuple[float, PacketAside]] = []
        """Start of each packet, seconds after the origin, with its report in case it is left
        out."""
        self._refused: list[PacketAside] = []
        self._far: tuple[PacketAside, ...] = ()
        self._beside: tuple[HardnessRatio | None, tuple[PeakRate, ...]] = (None, ())
        self._beside_for: object = None
        """T100, t0 and number of restarts for which hardness and peak rates were computed."""

    def add(self, packet: LightCurvePacket) -> bool:
        """Add a packet, and return False if it changes nothing."""
        try:
            changed = self._store.add(packet)
        except InputError as error:
            self._refused.append(aside(packet, SetAsideCause.TOO_MUCH, str(error)))
            return False
        if changed:
            described = aside(packet, SetAsideCause.STRAY_TIME, _FAR)
            self._starts.append((packet.start_s - self._origin_met_s, described))
        return changed

    @property
    def left_out(self) -> tuple[PacketAside, ...]:
        """Packets that the last measurement did not use."""
        return (*self._refused, *self._far)

    def bins(self) -> Bins:
        """Return the bins so far, seconds after the origin."""
        return self._store.merged()

    @property
    def used(self) -> tuple[int, ...]:
        """Indices of the bands inside the instrument's default band; they give the durations."""
        low, high = DEFAULT_BANDS_KEV.get(self.instrument, (0.0, np.inf))
        inside = tuple(
            i
            for i, (a, b) in enumerate(self.bands_kev)
            if a >= low * (1.0 - _BAND_SLACK) and b <= high * (1.0 + _BAND_SLACK)
        )
        return inside or tuple(range(len(self.bands_kev)))

    def measure(self, offset_s: float, *, final: bool, seed: int) -> InstrumentSoFar | None:
        """Measure the burst in the data so far; return None if there are fewer than 8 bins.

        Parameters
        ----------
        offset_s
            t0, seconds after the origin.
        final
            True if no more data will come: the measurement starts over, with more replicas.
        seed
            Seed of the replicas.
        """
        bins = self._together(self.bins())
        if len(bins.start_s) < _LEAST_BINS:
            return None
        if final or offset_s != self._offset_s:
            self._offset_s, self._epoch = offset_s, None
        curve = self._curve(bins)
        window = (float(curve.start_s[0]), float(curve.stop_s[-1]))
        finding = self._found(bins, curve, window)
        choice = DurationChoice(bootstrap=_FINAL_REPLICAS if final else _REPLICAS)
        configuration = TaskConfiguration(duration=choice, seed=seed)
        measured = measure_found(curve, finding, window, configuration)
        progress = _progress(curve, measured)
        curves = band_curves(bins, self.instrument, self.detectors, self.bands_kev, offset_s)
        basis = (measured.t100_s, offset_s, self._restarts)
        if basis != self._beside_for:
            self._beside_for = basis
            self._beside = hardness_so_far(curves, measured), peaks_so_far(measured, seed)
        return InstrumentSoFar(
            instrument=self.instrument,
            progress=progress,
            until_s=window[1],
            bins=len(curve.counts),
            measurement=measured,
            band_curves=curves,
            hardness=self._beside[0],
            peak_rates=self._beside[1],
            restarts=self._restarts,
        )

    def _together(self, bins: Bins) -> Bins:
        """Return the bins without those more than an hour from the others."""
        self._far = ()
        if not (np.diff(bins.start_s) > FAR_S).any():
            return bins
        near = bins.only(main_group(bins.start_s.tolist(), FAR_S))
        first, last = float(near.start_s[0]), float(near.start_s[-1])
        self._far = tuple(
            each for start, each in self._starts if not first - 1e-3 <= start <= last + 1e-3
        )
        return near

    def _curve(self, bins: Bins) -> LightCurve:
        low, high = self.bands_kev[self.used[0]][0], self.bands_kev[self.used[-1]][1]
        return LightCurve(
            instrument=self.instrument,
            detectors=self.detectors,
            band_kev=(low, high),
            start_s=bins.start_s - self._offset_s,
            stop_s=bins.stop_s - self._offset_s,
            counts=bins.counts[:, :, self.used].sum(axis=(1, 2)),
            exposure_s=(bins.stop_s - bins.start_s) * bins.live,
        )

    def _found(self, bins: Bins, curve: LightCurve, window_s: Interval) -> Finding:
        epoch = self._epoch
        if epoch is None or window_s[1] > epoch.renew_at_s or not bins.begins_with(epoch.bins):
            return self._start_over(bins, curve, window_s)
        new = slice(len(epoch.bins.start_s), None)
        _extend(epoch.segmentation, epoch.fit, curve, new)
        epoch.bins = bins
        return judge_blocks(curve, epoch.fit, epoch.segmentation.starts, window_s)

    def _start_over(self, bins: Bins, curve: LightCurve, window_s: Interval) -> Finding:
        self._restarts += 1
        found = find_burst(curve, BackgroundChoice(), window_s, _FALSE_ALARM)
        if found.background is None:
            return found
        segmentation = Segmentation(
            false_alarm_prior(_CELLS, _FALSE_ALARM, float(curve.counts.mean()))
        )
        _extend(segmentation, found.background, curve, slice(None))
        span_s = window_s[1] - window_s[0]
        renew_at_s = window_s[1] + max(_RENEW_S, _RENEW_PART * span_s)
        self._epoch = _Epoch(found.background, segmentation, bins, renew_at_s)
        return judge_blocks(curve, found.background, segmentation.starts, window_s)


def _extend(segmentation: Segmentation, fit: BackgroundFit, curve: LightCurve, new: slice) -> None:
    expected: Floats = fit.counts(curve.start_s[new], curve.stop_s[new], curve.exposure_s[new])
    segmentation.append(curve.counts[new], np.maximum(expected[:, 0], 1e-6))


def _progress(curve: LightCurve, measured: DurationMeasurement) -> Progress:
    if measured.t100_s is None:
        return Progress.NOTHING
    start, stop = measured.t100_s
    quiet_s = float(curve.stop_s[-1]) - stop
    if quiet_s <= 1e-6:
        return Progress.RISING
    enough_s = max(_QUIET_S, _QUIET_PART * (stop - start))
    return Progress.ENDED if quiet_s >= enough_s else Progress.QUIET

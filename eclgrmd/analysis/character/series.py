"""Light curves of one instrument in any band and binning, with their background."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

import numpy as np

from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.background.template import Template
from eclgrmd.analysis.temporal.curve.bands import in_band
from eclgrmd.analysis.temporal.curve.bins import part_of, whole_frames
from eclgrmd.analysis.temporal.curve.curves import (
    bin_events,
    curve_from_histories,
    curve_of_light_curves,
)
from eclgrmd.analysis.temporal.curve.joint import choose_for
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.flags import Flag
from eclgrmd.model.intervals import Interval, bins_inside, outside, union
from eclgrmd.model.observation import EventList, Floats, History, LightCurve, Observation

__all__ = ["InstrumentData", "NetCurve", "Sum"]

_BACKGROUND_BINS = 2000
"""Approximate number of bins of the light curve that a background is fitted to; a choice."""
_FINEST_BACKGROUND_S = 0.064
"""Smallest width of these bins, seconds; a choice."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The summed counts of some bins, with the expected background."""

    counts: float
    """Observed counts."""
    variance: float
    """Variance of `counts`; equal to the counts if they are Poisson."""
    background: float
    """Expected background counts."""
    background_error: float
    """1-sigma error of `background`, with the correlation between bins."""
    live_s: float
    """Live time, seconds."""
    poisson: bool
    """True for Poisson counts, False for Gaussian errors."""


@dataclass(frozen=True, eq=False)
class NetCurve:
    """A light curve with its background."""

    curve: LightCurve
    """The light curve, n bins."""
    fit: BackgroundFit
    """The background of the same band and detectors, with one channel."""

    @property
    def band_kev(self) -> Interval | None:
        """Nominal edges of the counted channels, keV; None if not known."""
        return self.curve.band_kev

    @cached_property
    def background(self) -> Floats:
        """Expected background counts of each bin, shape (n,)."""
        expected: Floats = self.design @ self.fit.coefficients[0]
        return np.maximum(expected, 0.0) if self.curve.error is None else expected

    @cached_property
    def design(self) -> Floats:
        """Model matrix of the background, seconds, shape (n, order + 1)."""
        return self.fit.design(self.curve.start_s, self.curve.stop_s, self.curve.exposure_s)

    @property
    def variance(self) -> Floats:
        """Variance of each bin's counts, shape (n,)."""
        curve = self.curve
        return curve.counts if curve.error is None else np.square(curve.error)

    @property
    def bin_s(self) -> float:
        """Median width of the bins, seconds."""
        return float(np.median(self.curve.stop_s - self.curve.start_s))

    def total(self, interval_s: Interval) -> Sum | None:
        """Return the sum of the bins fully inside an interval, or None if there are none."""
        curve = self.curve
        inside = bins_inside(curve.start_s, curve.stop_s, union([interval_s]))
        if not inside.any():
            return None
        columns = self.design[inside].sum(axis=0)
        return Sum(
            counts=float(curve.counts[inside].sum()),
            variance=float(self.variance[inside].sum()),
            background=float(self.background[inside].sum()),
            background_error=float(np.sqrt(columns @ self.fit.covariance[0] @ columns)),
            live_s=float(curve.exposure_s[inside].sum()),
            poisson=curve.error is None,
        )


@dataclass(frozen=True, eq=False)
class InstrumentData:
    """The data of one instrument, from which light curves of any band can be made."""

    events: tuple[EventList, ...]
    """Event lists, one per detector; histories and light curves are then empty."""
    histories: tuple[History, ...]
    """Histories, one per detector; events and light curves are then empty."""
    curves: tuple[LightCurve, ...]
    """Light curves; events and histories are then empty."""
    span_s: Interval
    """Time that the measured light curve covers, seconds after t0."""
    background_s: Floats
    """Background intervals, seconds after t0, shape (k, 2)."""
    order: int | None
    """Order of the background; None for a smooth curve."""
    templates: tuple[Template, ...] = ()
    """Known functions of time that the background may contain."""
    _fits: dict[Interval | None, BackgroundFit | None] = field(
        default_factory=dict, init=False, repr=False
    )
    """Backgrounds fitted so far, by band; None where no fit is possible."""
    _sums: dict[Interval | None, LightCurve] = field(default_factory=dict, init=False, repr=False)
    """Sums of all histories so far, by band."""

    @classmethod
    def of(cls, observation: Observation, measurement: DurationMeasurement) -> "InstrumentData":
        """Return the data that a duration was measured with."""
        chosen = choose_for(observation, measurement.curve)
        span = (float(measurement.curve.start_s[0]), float(measurement.curve.stop_s[-1]))
        fit = measurement.background_fit
        return cls(
            events=chosen.events,
            histories=chosen.histories,
            curves=chosen.curves,
            span_s=span,
            background_s=_intervals(measurement, span) if fit is None else fit.intervals_s,
            order=None if fit is None else fit.order,
            templates=() if fit is None else fit.templates,
        )

    @property
    def flags(self) -> frozenset[Flag]:
        """Flags of the data, set when they were read."""
        lists = (e.flags for e in self.events), (h.flags for h in self.histories)
        return frozenset(chain(*chain(*lists, (c.flags for c in self.curves))))

    @property
    def detectors(self) -> tuple[str, ...]:
        """Names of the detectors with separate data; those of a summed curve are joined by `+`."""
        if self.curves:
            return tuple(dict.fromkeys("+".join(c.detectors) for c in self.curves))
        events = (e.detector for e in self.events)
        return (*events, *(h.detector for h in self.histories))

    def only(self, detector: str) -> "InstrumentData":
        """Return the data of one of `detectors`."""
        return replace(
            self,
            events=tuple(e for e in self.events if e.detector == detector),
            histories=tuple(h for h in self.histories if h.detector == detector),
            curves=tuple(c for c in self.curves if "+".join(c.detectors) == detector),
        )

    def net(self, band_kev: Interval | None, window_s: Interval, bin_s: float) -> NetCurve | None:
        """Return a light curve with its background.

        Parameters
        ----------
        band_kev
            Energy band, whose channels (`Channels.nearest`) are summed; None for all channels.
        window_s
            Start and stop of the light curve, seconds after t0.
        bin_s
            Bin width of events, seconds; histories and light curves keep their bins.

        Returns
        -------
        NetCurve | None
            None if there are no data in the band or the window, or no background can be fitted.
        """
        curve, fit = self.cut(band_kev, window_s, bin_s), self._background(band_kev)
        return None if curve is None or fit is None else NetCurve(curve, fit)

    def _background(self, band_kev: Interval | None) -> BackgroundFit | None:
        if band_kev not in self._fits:
            span_s = self.span_s[1] - self.span_s[0]
            coarse_s = max(_FINEST_BACKGROUND_S, span_s / _BACKGROUND_BINS)
            coarse = self.cut(band_kev, self.span_s, coarse_s)
            self._fits[band_kev] = None if coarse is None else self._fit(coarse)
        return self._fits[band_kev]

    def cut(self, band_kev: Interval | None, window_s: Interval, bin_s: float) -> LightCurve | None:
        """Return a light curve as `net` does, but without background."""
        try:
            curve = self._whole(band_kev, window_s, bin_s)
        except InputError:  # no channel inside the band; the caller flags that
            return None
        if curve is None:
            return None
        inside = (curve.start_s >= window_s[0] - 1e-9) & (curve.stop_s <= window_s[1] + 1e-9)
        inside &= curve.exposure_s > 0
        return part_of(curve, inside) if inside.any() else None

    def _whole(
        self, band_kev: Interval | None, window_s: Interval, bin_s: float
    ) -> LightCurve | None:
        if self.events:
            if band_kev is not None and any(e.channels is None for e in self.events):
                return None
            return bin_events(self.events, whole_frames(self.events, *window_s, bin_s), band_kev)
        if self.histories:
            if band_kev not in self._sums:
                self._sums[band_kev] = curve_from_histories(self.histories, band_kev)
            return self._sums[band_kev]
        curves = in_band(self.curves, band_kev)
        return curve_of_light_curves(curves, band_kev) if curves else None

    def _fit(self, curve: LightCurve) -> BackgroundFit | None:
        try:
            return fit_curve(curve, self.background_s, order=self.order, templates=self.templates)
        except PermanentError:  # no bin inside the intervals
            return None


def _intervals(measurement: DurationMeasurement, span_s: Interval) -> Floats:
    burst = [] if measurement.t100_s is None else [measurement.t100_s]
    return outside(union(burst), *span_s)

"""Peak count rates in sliding windows, as observed and as the source's own."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, after_gaps
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import PeakRate

from .kernels.rates import peaks_of_posterior
from .kernels.windows import best_window
from .series import NetCurve

__all__ = ["PEAK_SCALES_S", "STEPS_PER_WINDOW", "peak_rate"]

PEAK_SCALES_S = (0.064, 0.256, 1.0)
"""Widths of the windows, seconds; those of the peak fluxes in the BATSE and GBM catalogues are
0.064, 0.256 and 1.024."""

STEPS_PER_WINDOW = 16
"""Number of positions tried within the width of a window, if the bins allow it; a choice."""

_DRAWS = 200
"""Number of draws from the posterior; a choice between precision and time."""
_ROUGHNESS = np.geomspace(1.0, 1000.0, 10)
"""Changes of the logarithm of the rate during the burst; the evidence weighs them."""
_LEAST_ROUGHNESS = 1e-4
"""Smallest change from bin to bin, which bounds rounding errors."""
_NEAR_SIGMA = 5.0
"""Windows whose rate lies farther below the highest one, in its error, are not fitted: noise
practically never makes them the highest."""
_MOST_BINS = 2048
"""Number of bins above which pairs of bins are added; bounds the time."""
_LEAST_STEPS = 4
"""Smallest number of positions within the width of a window that adding may leave."""
_LEAST_COUNTS = 1e-9
"""Smallest expected background of a bin, whose logarithm is finite."""
_LEVELS = (15.8655, 50.0, 84.1345)
"""Percentiles of a normal distribution at -1, 0 and 1 sigma."""
_WIDTH_SLACK = 0.05
"""Largest relative difference between the requested width and a whole number of bins."""


def peak_rate(net: NetCurve, scale_s: float, seed: int) -> PeakRate:
    """Return the highest net rate in windows of one width.

    The maximum of a noisy curve lies above that of the source. The source's own highest rate is
    drawn from the posterior of a smooth rate: its logarithm is a Gaussian process, averaged over
    its roughness by evidence (Rasmussen & Williams 2006, Gaussian Processes for Machine Learning,
    sections 3.4 and 5.2). It is fitted to all windows that noise could have made the highest. The
    bias is the observed maximum minus the median of the draws. The errors are those of the draws,
    with the error of the background added, so they contain the noise of source and background, and
    what is not known about the shape of the peak.

    The coverage is measured by ``testbench/accuracy/character`` (`character_coverage.txt` there).

    Parameters
    ----------
    net
        Bins of equal width, several (ideally 16) per window; windows do not span missing bins.
    scale_s
        Width of the windows, seconds.
    seed
        Seed of the draws.

    Returns
    -------
    PeakRate
        Without a value, and flagged `bins too wide` if no whole number of bins matches the window
        within 5 %, or `no window without gap` if no window was observed in full.
    """
    bins = round(scale_s / net.bin_s)
    if bins < 1 or abs(bins * net.bin_s - scale_s) > _WIDTH_SLACK * scale_s:
        return PeakRate(scale_s, None, NOT_MEASURED, None, (Flag(FlagCode.WIDE_BINS),))
    curve = net.curve
    group = _contiguous(net)
    first, rate = best_window(curve.counts - net.background, curve.exposure_s, group, bins)
    if first < 0:
        return PeakRate(scale_s, None, NOT_MEASURED, None, (Flag(FlagCode.NO_WINDOW),))
    window = (float(curve.start_s[first]), float(curve.stop_s[first + bins - 1]))
    whole = _Stretch(
        counts=curve.counts,
        background=net.background,
        error=np.empty(0) if curve.error is None else curve.error,
        live_s=curve.exposure_s,
        bins=bins,
    )
    same = np.flatnonzero(group == group[first])
    stretch = whole.part(int(same[0]), int(same[-1]) + 1).near_peak().of_fewer_bins()
    rng = np.random.default_rng(seed)
    length_s = float(curve.stop_s[same[-1]] - curve.start_s[same[0]])
    drawn = _draws(stretch, scale_s / stretch.bins / length_s, rng)
    drawn += _background_error(net, window) * rng.standard_normal(len(drawn))
    low, middle, high = np.percentile(drawn, _LEVELS)
    return PeakRate(
        scale_s=scale_s,
        interval_s=window,
        rate_counts_per_s=Measurement(rate, float(high - middle), float(middle - low)),
        bias_counts_per_s=float(rate - middle),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Adjacent bins of a light curve."""

    counts: Floats
    """Counts of each bin, shape (n,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    error: Floats
    """Gaussian errors of the counts, shape (n,); empty for Poisson counts."""
    live_s: Floats
    """Live times, seconds, shape (n,)."""
    bins: int
    """Number of bins in a window."""

    def part(self, first: int, stop: int) -> Self:
        """Return the bins from `first` to before `stop`."""
        return type(self)(
            self.counts[first:stop],
            self.background[first:stop],
            self.error[first:stop],
            self.live_s[first:stop],
            self.bins,
        )

    def near_peak(self) -> Self:
        """Return the bins of all windows that noise could have made the highest, and some more."""
        live = self._windows(self.live_s)
        rate = self._windows(self.counts - self.background) / live
        variance = np.square(self.error) if self.error.size else np.maximum(self.counts, 0.0)
        top = int(np.argmax(rate))
        noise = np.sqrt(max(self._windows(variance)[top], 1.0)) / live[top]
        near = np.flatnonzero(rate > rate[top] - _NEAR_SIGMA * noise)
        beside = self.bins // 2
        return self.part(max(0, int(near[0]) - beside), int(near[-1]) + self.bins + beside)

    def of_fewer_bins(self) -> Self:
        """Return the same with pairs of bins added until they are few enough."""
        if len(self.counts) <= _MOST_BINS or self.bins % 2 or self.bins < 2 * _LEAST_STEPS:
            return self
        starts = np.arange(0, len(self.counts) // 2 * 2, 2)
        stop = len(starts) * 2
        pairs = type(self)(
            np.add.reduceat(self.counts[:stop], starts),
            np.add.reduceat(self.background[:stop], starts),
            np.sqrt(np.add.reduceat(np.square(self.error[:stop]), starts))
            if self.error.size
            else self.error,
            np.add.reduceat(self.live_s[:stop], starts),
            self.bins // 2,
        )
        return pairs.of_fewer_bins()

    def _windows(self, values: Floats) -> Floats:
        """Return the sums of all windows, shape (n - bins + 1,)."""
        sums = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(sums[self.bins :] - sums[: -self.bins])


def _draws(stretch: _Stretch, bin_part: float, rng: np.random.Generator) -> Floats:
    """Draw the source's highest rate, counts/s.

    The draws are rougher than the rate at the peak, because one roughness holds for rise, peak and
    decay. So the excess of their maxima over the maximum of their mean is removed, with an error as
    large as the excess.
    """
    poisson = stretch.error.size == 0
    highest, of_mean = peaks_of_posterior(
        stretch.counts,
        np.maximum(stretch.background, _LEAST_COUNTS) if poisson else stretch.background,
        stretch.error,
        stretch.live_s,
        stretch.bins,
        np.maximum(_ROUGHNESS * bin_part, _LEAST_ROUGHNESS),
        _DRAWS,
        rng,
    )
    excess = float(highest.mean()) - of_mean
    return np.asarray(highest - excess + excess * rng.standard_normal(len(highest)))


def _background_error(net: NetCurve, window_s: Interval) -> float:
    total = net.total(window_s)
    return 0.0 if total is None else total.background_error / total.live_s


def _contiguous(net: NetCurve) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the index of the gap-free stretch of each bin, shape (n,)."""
    curve = net.curve
    later = after_gaps(curve.start_s, curve.stop_s)
    return np.searchsorted(later, np.arange(len(curve.counts)), side="right").astype(np.int64)

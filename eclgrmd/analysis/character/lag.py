"""Spectral lag: the delay of the soft band relative to the hard band."""

import numpy as np

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import SpectralLag

from .kernels.correlation import correlate, fit_peak, replica_lags
from .series import NetCurve

__all__ = ["spectral_lag"]

_REPLICAS = 150
"""Number of replicas for the error; a choice between precision and time."""
_PEAK_FRACTION = 0.6
"""Fraction of the maximum down to which the peak of the correlation is fitted; a choice."""
_LEAST_POINTS = 7
"""Smallest number of lags that a cubic is fitted to; a choice."""
_LEAST_SIGMA = 5.0
"""Smallest maximum of the correlation, in units of its noise; a choice."""
_ONE_SIGMA = (15.8655, 84.1345)
"""Percentiles of a normal distribution at -1 and 1 sigma."""
_LOST_FRACTION = 0.05
"""Fraction of replicas without a peak from which the lag is flagged; a choice."""


def spectral_lag(
    soft: NetCurve, hard: NetCurve, soft_band_kev: Interval, hard_band_kev: Interval, seed: int
) -> SpectralLag:
    """Return the lag between two bands, measured by cross-correlation.

    The cross-correlation is that of transients, without subtraction of the mean (Band 1997, ApJ
    486, 928). A cubic is fitted to its peak, down to 60 % of the maximum, and the lag is the
    position of the maximum of the cubic (Norris et al. 2000, ApJ 534, 248). The error is the spread
    of replicas to which Poisson noise was added a second time (flux randomisation, Peterson et al.
    1998, PASP 110, 660), scaled down for the noise that they contained already.

    Parameters
    ----------
    soft, hard
        Light curves with the same bins of equal width, from before to after the burst; missing bins
        count as 0.
    soft_band_kev, hard_band_kev
        Bands of the light curves.
    seed
        Seed of the noise.

    Returns
    -------
    SpectralLag
        Without a value, and flagged `no correlation`, if no peak of the cross-correlation reaches 5
        times its noise. Flagged `lag poorly constrained` if more than 5 % of the replicas have no
        peak in the fitted range.
    """
    slot, size = _slots(soft, hard)
    s, h = _Grid(soft, slot[0], size), _Grid(hard, slot[1], size)
    longest = size // 3
    curve = correlate(s.net, h.net, -longest, longest)
    top, half = _range(curve)
    inverse = _cubic_inverse(half)
    peak = fit_peak(curve, top, inverse)
    noise = float(np.sqrt(s.variance @ h.variance))
    if not np.isfinite(peak) or curve.max() < _LEAST_SIGMA * noise:
        return SpectralLag(
            soft_band_kev,
            hard_band_kev,
            soft.bin_s,
            NOT_MEASURED,
            None,
            (Flag(FlagCode.NO_CORRELATION),),
        )
    first = max(round(peak) - 2 * half, 0)
    replicas = first + replica_lags(
        s.counts,
        s.background,
        s.error,
        h.counts,
        h.background,
        h.error,
        first - longest,
        min(round(peak) + 2 * half, 2 * longest) - longest,
        round(peak) - first,
        inverse,
        _REPLICAS,
        np.random.default_rng(seed),
    )
    kept = replicas[np.isfinite(replicas)]
    scale = _spread_correction(s, h, inverse[1], round(peak) - half - longest)
    poor = len(kept) < (1.0 - _LOST_FRACTION) * len(replicas)
    return SpectralLag(
        soft_band_kev=soft_band_kev,
        hard_band_kev=hard_band_kev,
        bin_s=soft.bin_s,
        lag_s=_estimate(peak - longest, (kept - peak) * scale, soft.bin_s),
        correlation=_correlation(s, h, float(curve.max())),
        flags=(Flag(FlagCode.POOR_LAG),) if poor else (),
    )


def _estimate(lag: float, deviations: Floats, bin_s: float) -> Measurement:
    """Return a lag in seconds with errors, from a lag and the deviations of replicas in bins."""
    if len(deviations) == 0:
        return Measurement(lag * bin_s, None, None)
    below, above = np.percentile(deviations - np.median(deviations), _ONE_SIGMA)
    return Measurement(lag * bin_s, -float(below) * bin_s, float(above) * bin_s)


class _Grid:
    """A light curve on a regular grid of n bins, with 0 in gaps."""

    def __init__(self, net: NetCurve, slot: np.ndarray, size: int) -> None:
        self.counts, self.background = np.zeros(size), np.zeros(size)
        variance = np.zeros(size)
        self.counts[slot] = net.curve.counts
        self.background[slot] = net.background
        variance[slot] = net.variance
        self.net: Floats = self.counts - self.background
        self.error = np.empty(0) if net.curve.error is None else np.sqrt(variance)
        self.variance = variance
        self.power = float(np.square(self.net).sum() - variance.sum())
        """Sum of squared net counts minus the contribution of the noise (Band 1997)."""


def _spread_correction(soft: _Grid, hard: _Grid, slope: Floats, first: int) -> float:
    """Return the factor by which the spread of replicas must be reduced; 1 for bright bursts.

    A light curve contains noise once, its replica twice. The lag depends on the slope of the
    correlation, which is linear in either curve. With net counts s and h, variances v_s and v_h,
    and weights w of the slope, its variance is the sum of v_s (w*h)^2 + v_h (w*s)^2 + v_s
    (w^2*v_h). The last term, noise times noise, is three times as large in a replica.

    Parameters
    ----------
    soft, hard
        Both light curves.
    slope
        Weight of the correlation at each lag, from `first` on, in the slope, shape (lags,).
    first
        First lag, bins.
    """
    by_soft = float(_at_lags(hard.net, slope, first) ** 2 @ soft.variance)
    by_hard = float(_at_lags(soft.net[::-1], slope, first)[::-1] ** 2 @ hard.variance)
    both = float(_at_lags(hard.variance, slope**2, first) @ soft.variance)
    once = max(by_soft + by_hard - 2.0 * both, 0.0) + both
    return float(np.sqrt(once / (by_soft + by_hard + both)))


def _at_lags(values: Floats, weights: Floats, first: int) -> Floats:
    """Return the sum of weights[k] * values[j - first - k] over k, for each j, shape (n,)."""
    index = np.arange(len(values)) - first
    full = np.convolve(values, weights)
    known = (index >= 0) & (index < len(full))
    return np.where(known, full[np.clip(index, 0, len(full) - 1)], 0.0)


def _correlation(soft: _Grid, hard: _Grid, highest: float) -> float | None:
    if soft.power <= 0.0 or hard.power <= 0.0:
        return None
    return highest / float(np.sqrt(soft.power * hard.power))


def _slots(soft: NetCurve, hard: NetCurve) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """Return the indices of the bins of both curves on a common regular grid, and its size."""
    start = min(soft.curve.start_s[0], hard.curve.start_s[0])
    first, second = (
        np.rint((net.curve.start_s - start) / soft.bin_s).astype(np.int64) for net in (soft, hard)
    )
    return (first, second), int(max(first[-1], second[-1])) + 1


def _range(curve: Floats) -> tuple[int, int]:
    """Return the maximum and the half width of the range above 60 % of it, both in bins."""
    smooth = np.convolve(curve, np.ones(3) / 3.0, mode="same")
    top = int(np.argmax(smooth))
    under = np.flatnonzero(smooth < _PEAK_FRACTION * smooth[top])
    low = max((int(k) for k in under[under < top]), default=-1)
    high = min((int(k) for k in under[under > top]), default=len(curve))
    half = max(_LEAST_POINTS // 2, (high - low) // 2)
    return top, min(half, (len(curve) - 1) // 2)


def _cubic_inverse(half: int) -> Floats:
    """Return the pseudo-inverse that fits a cubic in x from -1 to 1, shape (4, 2 half + 1)."""
    x = np.linspace(-1.0, 1.0, 2 * half + 1)
    return np.ascontiguousarray(np.linalg.pinv(np.vander(x, 4, increasing=True)))

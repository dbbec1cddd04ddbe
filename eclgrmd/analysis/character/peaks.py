"""Peak count rates in sliding windows, and their bias from noise."""

import numpy as np

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, after_gaps
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import PeakRate

from .kernels.windows import best_window, largest_rates
from .series import NetCurve
from .smooth import SmoothModel

__all__ = ["PEAK_SCALES_S", "STEPS_PER_WINDOW", "peak_rate"]

PEAK_SCALES_S = (0.064, 0.256, 1.0)
"""Widths of the windows, seconds; those of the peak fluxes in the BATSE and GBM catalogues are
0.064, 0.256 and 1.024."""

STEPS_PER_WINDOW = 16
"""Number of positions tried within the width of a window, if the bins allow it; a choice."""

_REPLICAS = 100
"""Number of simulated curves; a choice between precision and time."""
_ONE_SIGMA = (15.8655, 84.1345)
"""Percentiles of a normal distribution at -1 and 1 sigma."""
_WIDTH_SLACK = 0.05
"""Largest relative difference between the requested width and a whole number of bins."""


def peak_rate(net: NetCurve, scale_s: float, model: SmoothModel, seed: int) -> PeakRate:
    """Return the highest net rate in windows of one width.

    The maximum of a noisy curve lies above that of the source. The bias is measured on simulated
    curves (parametric bootstrap, Efron & Tibshirani 1993) of a smooth model of the burst: it is
    the mean excess of their maxima over the model's own. The error is the spread of these maxima,
    with the errors of the background and of the model's peak added in quadrature.

    With the true burst as the model, the rate minus its bias has the right coverage. With a model
    through the blocks, the errors contain the true rate in 67-74 % of 1,000 simulated bursts, but
    only in 51-53 % of those below 20 sigma, where the rate is biased low by 0.6 to 0.7 of the error
    in the median (`testbench/accuracy/character_coverage.txt`).

    Parameters
    ----------
    net
        Bins of equal width, several (ideally 16) per window; windows do not span missing bins.
    scale_s
        Width of the windows, seconds.
    model
        The net rate without noise.
    seed
        Seed of the simulations.

    Returns
    -------
    PeakRate
        Without a value, and flagged `bins too wide` if no whole number of bins matches the window
        within 5 %, or `no window without gap` if no window was observed in full.
    """
    bins = round(scale_s / net.bin_s)
    if bins < 1 or abs(bins * net.bin_s - scale_s) > _WIDTH_SLACK * scale_s:
        return PeakRate(scale_s, None, NOT_MEASURED, None, (Flag(FlagCode.WIDE_BINS),))
    group = _contiguous(net)
    curve = net.curve
    counts = curve.counts - net.background
    expected = model.at(0.5 * (curve.start_s + curve.stop_s)) * curve.exposure_s
    first, rate = best_window(counts, curve.exposure_s, group, bins)
    if first < 0:
        return PeakRate(scale_s, None, NOT_MEASURED, None, (Flag(FlagCode.NO_WINDOW),))
    window = (float(curve.start_s[first]), float(curve.stop_s[first + bins - 1]))
    _, model_rate = best_window(expected, curve.exposure_s, group, bins)
    maxima = largest_rates(
        expected,
        net.background,
        np.empty(0) if curve.error is None else curve.error,
        curve.exposure_s,
        group,
        bins,
        _REPLICAS,
        np.random.default_rng(seed),
    )
    return PeakRate(
        scale_s=scale_s,
        interval_s=window,
        rate_counts_per_s=_estimate(
            rate, maxima, float(np.hypot(_background_error(net, window), model.error_in(scale_s)))
        ),
        bias_counts_per_s=float(maxima.mean() - model_rate),
    )


def _estimate(rate: float, maxima: Floats, other_error: float) -> Measurement:
    low, high = np.percentile(maxima - maxima.mean(), _ONE_SIGMA)
    return Measurement(
        rate,
        float(np.hypot(max(high, 0.0), other_error)),
        float(np.hypot(max(-low, 0.0), other_error)),
    )


def _background_error(net: NetCurve, window_s: Interval) -> float:
    total = net.total(window_s)
    return 0.0 if total is None else total.background_error / total.live_s


def _contiguous(net: NetCurve) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the index of the gap-free stretch of each bin, shape (n,)."""
    curve = net.curve
    later = after_gaps(curve.start_s, curve.stop_s)
    return np.searchsorted(later, np.arange(len(curve.counts)), side="right").astype(np.int64)

"""Significance of the burst in each detector, over the burst and in the best time window."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.search.significance import significance_gaussian_background
from eclgrmd.model.intervals import Interval, bins_inside, union
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import DetectorSignificance

from .series import NetCurve, Sum

__all__ = ["detector_significance", "sigma_of"]

Indices = NDArray[np.int64]
"""Numbers of bins, shape (windows,)."""


def sigma_of(total: Sum) -> float:
    """Return the significance of an excess, in sigma.

    It is that of Vianello 2018 (ApJS 236, 17) for Poisson counts over a background with Gaussian
    error, and the ratio of the excess to its error for counts with Gaussian errors.
    """
    return float(
        _sigma(
            np.array(total.counts),
            np.array(total.background),
            np.array(total.background_error),
            None if total.poisson else np.array(total.variance),
        )
    )


def detector_significance(
    detector: str, net: NetCurve, interval_s: Interval
) -> DetectorSignificance | None:
    """Return the significance over an interval, and its maximum over time-scales.

    The maximum is taken over windows of 1, 2, 4, ... bins inside the interval, shifted in steps of
    a quarter of their width (at least one bin). It is not corrected for the number of (correlated)
    trials.

    Parameters
    ----------
    detector
        Name of the detector.
    net
        Its light curve with background.
    interval_s
        Start and stop, seconds after t0.

    Returns
    -------
    DetectorSignificance | None
        None if no bin lies inside the interval.
    """
    total = net.total(interval_s)
    if total is None:
        return None
    best, window = _best_window(net, interval_s)
    whole = sigma_of(total)
    if whole >= best:
        best, window = whole, interval_s
    return DetectorSignificance(
        detector=detector,
        interval_s=interval_s,
        counts=total.counts,
        background_counts=total.background,
        background_error_counts=total.background_error,
        sigma=whole,
        best_sigma=best,
        best_interval_s=window,
    )


def _best_window(net: NetCurve, interval_s: Interval) -> tuple[float, Interval]:
    curve = net.curve
    inside = bins_inside(curve.start_s, curve.stop_s, union([interval_s]))
    start, stop = curve.start_s[inside], curve.stop_s[inside]
    first, last = _windows(len(start))

    def sums(values: Floats) -> Floats:
        before = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        total: Floats = before[last] - before[first]
        return total

    columns = sums(net.design[inside])
    error = np.sqrt(
        np.maximum(np.einsum("nk,kl,nl->n", columns, net.fit.covariance[0], columns), 0.0)
    )
    variance = None if curve.error is None else sums(net.variance[inside])
    sigma = _sigma(sums(curve.counts[inside]), sums(net.background[inside]), error, variance)
    best = int(np.argmax(np.where(np.isnan(sigma), -np.inf, sigma)))
    return float(sigma[best]), (float(start[first[best]]), float(stop[last[best] - 1]))


def _windows(bins: int) -> tuple[Indices, Indices]:
    """Return the first bin of each window, and the bin after its last one."""
    widths = [1 << power for power in range(bins.bit_length())]
    firsts = [np.arange(0, bins - width + 1, max(1, width // 4)) for width in widths]
    lasts = [first + width for first, width in zip(firsts, widths, strict=True)]
    return np.concatenate(firsts), np.concatenate(lasts)


def _sigma(counts: Floats, background: Floats, error: Floats, variance: Floats | None) -> Floats:
    """Return significances; `variance` is that of counts with Gaussian errors."""
    if variance is None:
        return significance_gaussian_background(counts, background, error)
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma: Floats = (counts - background) / np.hypot(np.sqrt(variance), error)
    return sigma

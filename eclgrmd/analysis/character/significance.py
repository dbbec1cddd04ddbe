"""Significance of the burst in each detector, over the burst and in the best time window."""

from collections.abc import Iterator

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
_ROUNDING = 1e-6
"""Difference of two significances that may be rounding, relative and absolute."""
_HUGE = 1e300


def sigma_of(total: Sum) -> float:
    """Return the significance of an excess, in sigma.

    It is that of Vianello 2018 (ApJS 236, 17) for Poisson counts over a background with Gaussian
    error, and the ratio of the excess to its error for counts with Gaussian errors.
    """
    if total.poisson:
        return significance_gaussian_background(
            total.counts, total.background, total.background_error
        )
    error = np.hypot(np.sqrt(total.variance), total.background_error)
    return float((total.counts - total.background) / error)


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
    running = _Running(net, inside)
    best, found = -np.inf, interval_s
    for first, last in running.promising(*_windows(len(start))):
        sigma = sigma_of(running.total(first, last))
        if sigma > best:
            best, found = sigma, (float(start[first]), float(stop[last - 1]))
    return best, found


def _windows(bins: int) -> tuple[Indices, Indices]:
    """Return the first bin of each window, and the bin after its last one."""
    widths = [1 << power for power in range(bins.bit_length())]
    firsts = [np.arange(0, bins - width + 1, max(1, width // 4)) for width in widths]
    lasts = [first + width for first, width in zip(firsts, widths, strict=True)]
    return np.concatenate(firsts), np.concatenate(lasts)


class _Running:
    """Cumulative sums over bins, which give the sums over any range of bins quickly."""

    def __init__(self, net: NetCurve, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        self._counts = _cumulate(net.curve.counts[inside])
        self._variance = _cumulate(net.variance[inside])
        self._background = _cumulate(net.background[inside])
        self._live = _cumulate(net.curve.exposure_s[inside])
        self._design = _cumulate(net.design[inside])
        self._covariance = net.fit.covariance[0]
        self._poisson = net.curve.error is None

    def promising(self, first: Indices, last: Indices) -> Iterator[tuple[int, int]]:
        """Yield the windows among which the most significant one is, in their order.

        All windows are measured at once, but with other rounding than in `total`.
        """
        columns = self._design[last] - self._design[first]
        counts = self._counts[last] - self._counts[first]
        background = self._background[last] - self._background[first]
        error = np.einsum("nk,kl,nl->n", columns, self._covariance, columns)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self._poisson:
                sigma = _significances(counts, background, np.maximum(error, 0.0))
            else:
                variance = self._variance[last] - self._variance[first]
                sigma = (counts - background) / np.sqrt(variance + error)
        largest = np.max(sigma, where=np.isfinite(sigma), initial=-_HUGE)
        near = np.flatnonzero(~(sigma < largest - _ROUNDING * (1.0 + abs(largest))))
        yield from zip(first[near].tolist(), last[near].tolist(), strict=True)

    def total(self, first: int, last: int) -> Sum:
        columns = self._design[last] - self._design[first]
        return Sum(
            counts=float(self._counts[last] - self._counts[first]),
            variance=float(self._variance[last] - self._variance[first]),
            background=float(self._background[last] - self._background[first]),
            background_error=float(np.sqrt(columns @ self._covariance @ columns)),
            live_s=float(self._live[last] - self._live[first]),
            poisson=self._poisson,
        )


def _cumulate(values: Floats) -> Floats:
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])


def _significances(counts: Floats, background: Floats, variance: Floats) -> Floats:
    """Return `significance_gaussian_background` of many windows."""
    best = np.hypot(background - variance, 2.0 * np.sqrt(counts * variance))
    best = 0.5 * (background - variance + best)
    excess = np.where(counts > 0.0, counts * np.log(counts / best), 0.0) + best - counts
    spread = np.where(variance > 0.0, np.square(best - background) / variance, 0.0)
    sigma = np.sign(counts - background) * np.sqrt(np.maximum(2.0 * excess + spread, 0.0))
    return np.where(best > 0.0, sigma, np.where(counts > 0.0, np.inf, 0.0))

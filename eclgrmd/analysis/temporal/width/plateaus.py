"""T90 and T50 between the plateaus of the cumulative curve, as the BATSE catalogue measures them.

The mean of the cumulative net counts over the background intervals before the burst is 0 % of the
fluence, that over the intervals after it 100 % (Koshut et al. 1996, ApJ 463, 570). All that lies
between the intervals counts, and so does the noise in it.
"""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.crossings import FRACTIONS, crossing_times
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.model.result import Width

from .cumulative import fine_rate
from .grid import group_bins

__all__ = ["plateau_widths"]

_REPLICAS = 250
"""Number of replicas; the errors are known to 5 % then."""
_LEVELS = (15.865, 84.135)
"""Percentiles of a normal distribution at -1 and 1 sigma."""


def plateau_widths(
    curve: LightCurve, finding: Finding, t100_s: Interval, seed: int
) -> tuple[Width, Width] | None:
    """Measure T90 and T50 between plateaus, with errors from a parametric bootstrap.

    Parameters
    ----------
    curve, finding
        The light curve with its background.
    t100_s
        Extent of the burst, seconds after t0.
    seed
        Seed of the random number generator.

    Returns
    -------
    tuple | None
        T90 and T50. None if the background was not fitted on both sides of the burst, or if the
        cumulative curve does not rise between the plateaus.
    """
    cells = _cells(curve, finding, t100_s)
    if cells is None:
        return None
    times = cells.crossings(cells.counts, cells.background)
    if times is None:
        return None
    replicas = cells.replicas(np.random.default_rng(seed))
    return _width(times, replicas, 0, 3), _width(times, replicas, 1, 2)


def _width(times: Floats, replicas: Floats, low: int, high: int) -> Width:
    """Return the width between two crossings; replicas minus truth have shape (r, 4)."""
    down, up = np.percentile(replicas[:, high] - replicas[:, low], _LEVELS)
    errors = np.percentile(replicas, _LEVELS, axis=0)
    return Width(
        value_s=float(times[high] - times[low]),
        err_minus_s=max(0.0, float(up)),
        err_plus_s=max(0.0, -float(down)),
        start_s=float(times[low]),
        stop_s=float(times[high]),
        start_err_minus_s=max(0.0, float(errors[1, low])),
        start_err_plus_s=max(0.0, -float(errors[0, low])),
        stop_err_minus_s=max(0.0, float(errors[1, high])),
        stop_err_plus_s=max(0.0, -float(errors[0, high])),
    )


class _Cells:
    """A light curve in cells that are fine near the burst, between two plateaus."""

    def __init__(
        self,
        curve: LightCurve,
        finding: Finding,
        group: NDArray[np.int64],
        plateaus: tuple[Floats, Floats],
    ) -> None:
        stop = np.append(group[1:], len(curve.counts)) - 1
        self._edges_s = np.append(curve.start_s[0], curve.stop_s[stop])
        self._plateaus = tuple(_inside(self._edges_s, intervals) for intervals in plateaus)
        # the curve runs from the end of the first plateau to the start of the second
        self._ends = np.flatnonzero(self._plateaus[0])[-1], np.flatnonzero(self._plateaus[1])[0]
        width = curve.stop_s[stop] - curve.start_s[group]
        self._live = np.add.reduceat(curve.exposure_s, group) / width
        self.counts = np.add.reduceat(curve.counts, group)
        self.background = np.add.reduceat(finding.expected, group)
        self._net = np.add.reduceat(fine_rate(curve, finding) * curve.exposure_s, group)
        self._variance = (
            None if curve.error is None else np.add.reduceat(np.square(curve.error), group)
        )
        fit = finding.background
        self._modes = np.zeros((0, len(group)))
        if fit is not None:
            modes = fit.modes(curve.start_s, curve.stop_s, curve.exposure_s)
            self._modes = np.add.reduceat(modes, group, axis=1)

    def crossings(self, counts: Floats, background: Floats) -> Floats | None:
        """Return the crossing times, shape (4,), or None if the curve does not rise."""
        cumulative = np.append(0.0, np.cumsum((counts - background) / self._live))
        low, high = (float(cumulative[plateau].mean()) for plateau in self._plateaus)
        if high <= low:
            return None
        first, last = self._ends
        between = cumulative[first : last + 1].copy()
        between[0], between[-1] = low, high
        return crossing_times(self._edges_s[first : last + 1], between, FRACTIONS)

    def replicas(self, rng: np.random.Generator) -> Floats:
        """Return crossing times of replicas minus those of the curve they come from, (r, 4)."""
        truth = self._net + self.background
        true = self.crossings(truth, self.background)
        if true is None:
            return np.zeros((1, len(FRACTIONS)))
        found = []
        for _ in range(_REPLICAS):
            if self._variance is None:
                counts = rng.poisson(np.maximum(truth, 0.0)).astype(float)
            else:
                counts = truth + np.sqrt(self._variance) * rng.standard_normal(len(truth))
            drift = rng.standard_normal(len(self._modes)) @ self._modes
            times = self.crossings(counts, self.background + drift)
            if times is not None:
                found.append(times - true)
        return np.array(found) if found else np.zeros((1, len(FRACTIONS)))


def _cells(curve: LightCurve, finding: Finding, t100_s: Interval) -> _Cells | None:
    fit = finding.background
    if fit is None:
        return None
    intervals = fit.intervals_s
    before = intervals[intervals[:, 1] <= t100_s[0] + 1e-9]
    after = intervals[intervals[:, 0] >= t100_s[1] - 1e-9]
    group = group_bins(curve, fit, t100_s)
    edges = np.append(curve.start_s[0], curve.stop_s)
    if not all(_inside(edges, each).any() for each in (before, after)):
        return None
    return _Cells(curve, finding, group, (before, after))


def _inside(times_s: Floats, intervals_s: Floats) -> NDArray[np.bool_]:
    """Return which times lie in any of the intervals, shape (n,)."""
    low, high = intervals_s[:, :1] - 1e-9, intervals_s[:, 1:] + 1e-9
    return np.asarray(((times_s >= low) & (times_s <= high)).any(axis=0))

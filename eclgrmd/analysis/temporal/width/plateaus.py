"""T90 and T50 between the plateaus of the cumulative curve, as the BATSE catalogue measures them.

The mean of the cumulative net counts over the background intervals before the burst is 0 % of the
fluence, that over the intervals after it 100 % (Koshut et al. 1996, ApJ 463, 570). All that lies
between the intervals counts, and so does the noise in it.
"""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.plateaus import (
    PlateauCells,
    plateau_crossings,
    plateau_replicas,
)
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.intervals import Interval, inside
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.model.result import Width

from .cumulative import fine_rate
from .grid import group_bins

__all__ = ["plateau_edges", "plateau_widths"]

Bools = NDArray[np.bool_]

_LEVELS = (15.865, 84.135)
"""Percentiles of a normal distribution at -1 and 1 sigma."""
_SLACK_S = 1e-9
"""Tolerance for bin edges at the edge of an interval, seconds: above the rounding of doubles."""


def plateau_widths(
    curve: LightCurve, finding: Finding, t100_s: Interval, number: int, seed: int
) -> tuple[Width, Width] | None:
    """Measure T90 and T50 between plateaus, with errors from a parametric bootstrap.

    Parameters
    ----------
    curve, finding
        The light curve with its background.
    t100_s
        Extent of the burst, seconds after t0.
    number
        Number of replicas.
    seed
        Seed of the random number generator.

    Returns
    -------
    tuple | None
        T90 and T50. None if the background was not fitted on both sides of the burst, or if the
        cumulative curve does not rise between the plateaus.
    """
    laid = _lay_out(curve, finding, t100_s)
    if laid is None:
        return None
    cells, counts = laid
    times = plateau_crossings(cells, counts, cells.background)
    if not np.isfinite(times).all():
        return None
    replicas = plateau_replicas(cells, number, np.random.default_rng(seed))
    rising = replicas[np.isfinite(replicas).all(axis=1)]
    if not len(rising):
        return None
    return _width(times, rising, 0, 3), _width(times, rising, 1, 2)


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


def plateau_edges(
    edges_s: Floats, intervals_s: Floats, t100_s: Interval
) -> tuple[Bools, Bools] | None:
    """Return which edges lie in background intervals before and after the burst, shape (n,) each.

    None if there is no such edge on one side.
    """
    widened = intervals_s + np.array([-_SLACK_S, _SLACK_S])
    before = inside(edges_s, widened[intervals_s[:, 1] <= t100_s[0] + _SLACK_S])
    after = inside(edges_s, widened[intervals_s[:, 0] >= t100_s[1] - _SLACK_S])
    return (before, after) if before.any() and after.any() else None


def _lay_out(
    curve: LightCurve, finding: Finding, t100_s: Interval
) -> tuple[PlateauCells, Floats] | None:
    """Group the bins into cells that are fine near the burst; return these and their counts.

    None if there is no plateau on one side.
    """
    fit = finding.background
    if fit is None:
        return None
    group = group_bins(curve, fit, t100_s)
    stop = np.append(group[1:], len(curve.counts)) - 1
    edges_s = np.append(curve.start_s[0], curve.stop_s[stop])
    plateaus = plateau_edges(edges_s, fit.intervals_s, t100_s)
    if plateaus is None:
        return None
    before, after = plateaus
    variance = np.zeros(len(curve.counts)) if curve.error is None else np.square(curve.error)
    modes = fit.modes(curve.start_s, curve.stop_s, curve.exposure_s)
    cells = PlateauCells(
        edges_s=edges_s,
        live=np.add.reduceat(curve.exposure_s, group) / (curve.stop_s[stop] - curve.start_s[group]),
        background=np.add.reduceat(finding.expected, group),
        net=np.add.reduceat(fine_rate(curve, finding) * curve.exposure_s, group),
        variance=np.add.reduceat(variance, group),
        modes=np.add.reduceat(modes, group, axis=1),
        before=before,
        after=after,
        first=int(np.flatnonzero(before)[-1]),
        last=int(np.flatnonzero(after)[0]),
    )
    return cells, np.add.reduceat(curve.counts, group)

"""T90 and T50 by the recipe of the Fermi-GBM catalogue, over background intervals that are given.

The background is a polynomial through the given intervals. The mean of the cumulative curve over
the intervals before the burst is 0 % of the fluence, that over those after it 100 %; noise and
emission between them count in full (Koshut et al. 1996, ApJ 463, 570; Gruber et al. 2014, ApJS 211,
12; von Kienlin et al. 2020, ApJ 893, 46). The catalogue cumulates photons, for which
`photon_duration` passes weights.
"""

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import NO_WIDTH, Width

from .kernels.crossings import FRACTIONS, crossing_times
from .kernels.plateaus import PlateauCells, plateau_curve
from .results import CumulativeCurve, DurationMeasurement
from .width.plateaus import plateau_edges

__all__ = ["CatalogueWidths", "by_catalogue", "catalogue_widths"]

_METHOD = "recipe of the GBM catalogue: cumulative counts between plateaus, polynomial background"


class CatalogueWidths(NamedTuple):
    """Durations by the recipe of the catalogue, with the curve that they were read from."""

    t90: Width
    """T90 with its errors."""
    t50: Width
    """T50 with its errors."""
    cumulative: CumulativeCurve
    """The curve between the plateaus."""

    @property
    def fluence(self) -> Measurement:
        """Difference between the plateaus, in the unit of the curve."""
        curve = self.cumulative
        error = curve.level_high_error
        return Measurement(curve.level_high - curve.level_low, error, error)


def by_catalogue(found: DurationMeasurement) -> DurationMeasurement:
    """Return a measurement whose T90 and T50 of the counts are those of the catalogue's recipe.

    Without a burst, or without background on both sides of it, there is no width, and a flag says
    so.
    """
    if found.t100_s is None:
        return replace(found, method=_METHOD)
    widths = catalogue_widths(found)
    if widths is None:
        flags = (*found.flags, Flag(FlagCode.NO_PLATEAUS))
        return replace(found, method=_METHOD, t90=NO_WIDTH, t50=NO_WIDTH, flags=flags)
    return replace(
        found,
        method=_METHOD,
        t90=widths.t90,
        t50=widths.t50,
        cumulative=widths.cumulative,
        net_counts=widths.fluence,
    )


def catalogue_widths(
    found: DurationMeasurement, weights: Floats | None = None
) -> CatalogueWidths | None:
    """Measure T90 and T50 between the plateaus over the fitted background intervals.

    The error of a crossing is half the time between the crossings of levels that are higher and
    lower by the 1-sigma error of the curve relative to the level. That contains the noise of the
    counts, that of both plateaus and the covariance of the background.

    Parameters
    ----------
    found
        Light curve, background and extent of a burst.
    weights
        Photons/cm2 per count of each bin of the light curve, shape (n,); None: counts.

    Returns
    -------
    CatalogueWidths | None
        None if there is no background on one side, or if the curve does not rise.
    """
    cells = _cells(found, np.ones(len(found.curve.counts)) if weights is None else weights)
    if cells is None:
        return None
    curve = plateau_curve(cells, cells.net + cells.background, cells.background)
    rise = float(curve[-1] - curve[0])
    if rise <= 0.0:
        return None
    edges_s = cells.edges_s[cells.first : cells.last + 1]
    times = crossing_times(edges_s, curve, FRACTIONS)
    at = np.searchsorted(cells.edges_s, times)
    relative = _level_errors(cells, at, FRACTIONS) / rise
    later = crossing_times(edges_s, curve, np.minimum(FRACTIONS + relative, 1.0))
    earlier = crossing_times(edges_s, curve, np.maximum(FRACTIONS - relative, 0.0))
    errors = 0.5 * (later - earlier)
    total = _level_errors(cells, np.array([len(cells.live)]), np.array([0.0]))
    return CatalogueWidths(
        _width(times, errors, 0, 3),
        _width(times, errors, 1, 2),
        CumulativeCurve(edges_s, curve, float(curve[0]), float(curve[-1]), float(total[0])),
    )


def _width(times: Floats, errors: Floats, low: int, high: int) -> Width:
    start, stop = float(errors[low]), float(errors[high])
    error = float(np.hypot(start, stop))
    return Width(
        value_s=float(times[high] - times[low]),
        err_minus_s=error,
        err_plus_s=error,
        start_s=float(times[low]),
        stop_s=float(times[high]),
        start_err_minus_s=start,
        start_err_plus_s=start,
        stop_err_minus_s=stop,
        stop_err_plus_s=stop,
        koshut_error_s=error,
    )


def _cells(found: DurationMeasurement, weights: Floats) -> PlateauCells | None:
    """Return the bins with their plateaus, weighted; None if there is no plateau on one side."""
    fit, curve = found.background_fit, found.curve
    if fit is None or found.t100_s is None:
        return None
    edges_s = np.append(curve.start_s[0], curve.stop_s)
    plateaus = plateau_edges(edges_s, fit.intervals_s, found.t100_s)
    if plateaus is None:
        return None
    before, after = plateaus
    variance = np.maximum(curve.counts, 1.0) if curve.error is None else np.square(curve.error)
    return PlateauCells(
        edges_s=edges_s,
        live=curve.exposure_s / (curve.stop_s - curve.start_s),
        background=found.background_counts * weights,
        net=(curve.counts - found.background_counts) * weights,
        variance=variance * weights**2,
        modes=fit.modes(curve.start_s, curve.stop_s, curve.exposure_s) * weights,
        before=before,
        after=after,
        first=int(np.flatnonzero(before)[-1]),
        last=int(np.flatnonzero(after)[0]),
    )


def _level_errors(
    cells: PlateauCells, at: np.ndarray[tuple[int], np.dtype[np.intp]], fractions: Floats
) -> Floats:
    """Return the 1-sigma errors of the curve at edges relative to fractions of the rise, (k,).

    Each is a sum over the bins: a bin counts in the curve if it is earlier than the edge, and in a
    plateau by the part of the plateau's edges that are later than the bin.
    """
    bins = np.arange(len(cells.live))
    low, high = _part_after(cells.before), _part_after(cells.after)
    share = (bins < at[:, None]) - (1.0 - fractions)[:, None] * low - fractions[:, None] * high
    share /= cells.live
    return np.asarray(np.sqrt(share**2 @ cells.variance + np.sum((share @ cells.modes.T) ** 2, 1)))


def _part_after(plateau: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Return the part of a plateau's edges that lie after each of the n bins, shape (n,)."""
    return np.asarray(np.cumsum(plateau[::-1])[::-1][1:] / plateau.sum())

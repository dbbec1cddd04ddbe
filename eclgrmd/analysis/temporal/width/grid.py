"""A light curve laid out for the re-segmenting bootstrap: cells that are fine near the burst."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.background.polynomial import BackgroundFit, design_matrix
from eclgrmd.analysis.temporal.kernels.replicas import End, tail_weights
from eclgrmd.analysis.temporal.kernels.resegment import Rules, Truth
from eclgrmd.analysis.temporal.kernels.tail_cells import Series
from eclgrmd.analysis.temporal.kernels.tails import Tails, counts_per_amplitude
from eclgrmd.analysis.temporal.search.rounds import Finding, reach_of
from eclgrmd.model.intervals import Interval, after_gaps, bins_inside
from eclgrmd.model.observation import Floats, LightCurve

from .cumulative import Layout, extents_at_ends, fine_rate

__all__ = ["Grid", "lay_grid"]

Ints = NDArray[np.int64]
Grid = tuple[Series, Truth, Rules]

_BURST_CELLS = 300
_FINE_EXTENTS = 0.5
_GROWTH = 0.1
_FAR_CELLS = 150
_BEYOND = np.array([0.1, 0.3, 0.6, 1.1, 1.8, 2.7, 4.0, 6.0])
"""Extents outside the burst at which cells end that the data do not reach."""


def lay_grid(
    curve: LightCurve,
    finding: Finding,
    t100_s: Interval,
    layout: Layout,
    window_s: Interval,
    prior: float,
    order: int | None,
    tails: Tails,
) -> Grid:
    """Lay out a light curve in which a burst was found so that replicas of it can be searched.

    Parameters
    ----------
    curve, finding
        The light curve and what was found in it.
    t100_s
        Extent of the burst, at edges of bins.
    layout
        The burst between its tails.
    window_s, prior, order
        How it was searched: where, with which prior of a block and (None: chosen) which order of
        the background.
    """
    cells = _Cells(curve, finding, t100_s, layout)
    return (
        cells.series,
        cells.truth(layout, tails),
        cells.rules(window_s, prior, order, tails),
    )


class _Cells:
    """Bins grouped into cells; cells without observation in gaps and beyond the data."""

    def __init__(
        self, curve: LightCurve, finding: Finding, t100_s: Interval, layout: Layout
    ) -> None:
        self._curve, self._finding, self._t100_s = curve, finding, t100_s
        self._group = _grouped(curve, finding.background, t100_s)
        ends = np.append(self._group[1:], len(curve.counts)) - 1
        start, stop = curve.start_s[self._group], curve.stop_s[ends]
        late = np.flatnonzero(np.isin(self._group, after_gaps(curve.start_s, curve.stop_s)))
        self._extents = extents_at_ends(curve, finding)
        first, last = self._extents
        early = t100_s[0] - first * _BEYOND[::-1] if len(layout.before.shape[0]) else np.empty(0)
        after = t100_s[1] + last * _BEYOND if len(layout.after.shape[0]) else np.empty(0)
        early, after = early[early < start[0] - 1e-9], after[after > stop[-1] + 1e-9]
        inner = np.append(np.insert(start, late, stop[late - 1]), stop[-1])
        self._time_s = np.concatenate([early, inner, after])
        self._hole, self._pad = late, (len(early), len(after))
        variance = np.zeros(len(curve.counts)) if curve.error is None else np.square(curve.error)
        self.series = Series(self._time_s, self.spread(curve.exposure_s), self.spread(variance))

    def spread(self, values: Floats) -> Floats:
        """Add values of bins up in cells; cells without observation get 0."""
        summed = np.add.reduceat(values, self._group)
        return np.pad(np.insert(summed, self._hole, 0.0), self._pad)

    def truth(self, layout: Layout, tails: Tails) -> Truth:
        """Give the burst as it was seen: blocks, background, posteriors of the tails."""
        edges = np.searchsorted(self._time_s, np.array(self._t100_s) - 1e-9)
        first, stop = int(edges[0]), int(edges[1])
        net = self._net(first, stop)
        before, after = layout.before, layout.after
        start_s, stop_s = self._t100_s
        return Truth(
            net=net,
            background=self.spread(self._finding.expected),
            first=first,
            stop=stop,
            rates=np.array([before.rate, after.rate]),
            weights_before=_weights(layout, before),
            weights_after=_weights(layout, after),
            shape_before=_shape(
                start_s - self._time_s[: first + 1], tails.taus[0] * self._extents[0]
            ),
            shape_after=_shape(self._time_s[stop:] - stop_s, tails.taus[1] * self._extents[1]),
        )

    def _net(self, first: int, stop: int) -> Floats:
        live = self.series.live_s
        rate = self.spread(fine_rate(self._curve, self._finding) * self._curve.exposure_s)
        rate = rate / np.where(live > 0.0, live, 1.0)
        for hole in np.flatnonzero(live[first:stop] <= 0.0) + first:
            rate[hole] = 0.5 * (rate[hole - 1] + rate[hole + 1])
        net = np.zeros(len(rate))
        net[first:stop] = (rate * np.diff(self._time_s))[first:stop]
        return net

    def rules(self, window_s: Interval, prior: float, order: int | None, tails: Tails) -> Rules:
        """Return the rules of the search, with the design of all backgrounds that may be fitted.

        A background that was not fitted here varies as its covariance tells.
        """
        fit, n = self._finding.background, len(self.series.live_s)
        reach = (-np.inf, np.inf) if fit is None else reach_of(fit.intervals_s, self._t100_s)
        low_s, high_s = max(window_s[0], reach[0]), min(window_s[1], reach[1])
        fitted = np.zeros(n, dtype=bool)
        if fit is not None:
            fitted = bins_inside(self._time_s[:-1], self._time_s[1:], fit.intervals_s)
            fitted &= self.series.live_s > 0.0
        highest = -1 if fit is None or fit.chances is None else len(fit.chances) - 1
        highest = min(highest, int(fitted.sum()) // 2 - 1)
        design, modes = np.zeros((n, 0)), np.zeros((0, n))
        if fit is not None and highest >= 0:
            columns = self._design(fit, highest)
            design = np.column_stack([self.spread(column) for column in columns.T])
        elif fit is not None:
            deviations = fit.modes(self._curve.start_s, self._curve.stop_s, self._curve.exposure_s)
            modes = np.array([self.spread(mode) for mode in deviations])
        return Rules(
            prior=prior,
            low_s=low_s,
            high_s=high_s,
            design=design,
            fitted=fitted,
            least=1 if order is None else highest + 1,
            penalty=0.0 if fit is None else float(np.log(max(fit.dof + fit.order + 1, 2))),
            modes=modes,
            tails=tails,
        )

    def _design(self, fit: BackgroundFit, order: int) -> Floats:
        curve = self._curve
        return design_matrix(
            curve.start_s,
            curve.stop_s,
            curve.exposure_s,
            order=order,
            origin_s=fit.origin_s,
            unit_s=fit.unit_s,
        )


def _weights(layout: Layout, end: End) -> Floats:
    if end.first == end.stop:
        return np.zeros((0, 0))
    return tail_weights(layout.cells, end, layout.counts, layout.cells.background, end.drawn)


def _shape(distance_s: Floats, tau_s: Floats) -> Floats:
    return np.ascontiguousarray(counts_per_amplitude(distance_s, tau_s))


def _grouped(curve: LightCurve, fit: BackgroundFit | None, t100_s: Interval) -> Ints:
    """Give the first bin of each cell: no cell spans a gap or an edge of what was fitted."""
    n = len(curve.counts)
    first = int(np.searchsorted(curve.start_s, t100_s[0] - 1e-9))
    last = int(np.searchsorted(curve.stop_s, t100_s[1] + 1e-9, side="right"))
    extent = t100_s[1] - t100_s[0]
    widest = (curve.stop_s[-1] - curve.start_s[0]) / _FAR_CELLS
    step = -(-(last - first) // _BURST_CELLS)
    width = extent * step / max(last - first, 1)
    after = _outwards(curve.start_s[last:] - t100_s[1], extent, width, widest) + last
    before = first - _outwards(t100_s[0] - curve.stop_s[:first][::-1], extent, width, widest)
    gap = after_gaps(curve.start_s, curve.stop_s)
    fixed = np.empty(0) if fit is None else np.searchsorted(curve.start_s, fit.intervals_s.ravel())
    group = np.concatenate([[0], before, np.arange(first, last, step), after, gap, fixed])
    group = np.unique(group.astype(np.int64))
    return group[group < n]


def _outwards(near_s: Floats, extent_s: float, width_s: float, widest_s: float) -> Ints:
    """Tell how many bins away from the burst cells begin."""
    if len(near_s) == 0:
        return np.zeros(1, dtype=np.int64)
    edges, distance = [0.0], 0.0
    while distance < near_s[-1]:
        grown = _GROWTH * (distance - _FINE_EXTENTS * extent_s)
        distance += max(width_s, min(grown, widest_s))
        edges.append(distance)
    return np.searchsorted(near_s, np.array(edges) - 1e-9)

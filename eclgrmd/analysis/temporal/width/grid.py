"""Preparation of a light curve for the re-segmenting bootstrap.

Bins are grouped into cells that are fine in and near the burst and wide far away.
"""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.kernels.replicas import End, tail_weights
from eclgrmd.analysis.temporal.kernels.resegment import Rules, Truth
from eclgrmd.analysis.temporal.kernels.tail_cells import CellSeries
from eclgrmd.analysis.temporal.kernels.tails import Tails, counts_per_amplitude
from eclgrmd.analysis.temporal.search.rounds import Finding, reach_of
from eclgrmd.model.intervals import Interval, after_gaps
from eclgrmd.model.observation import Floats, LightCurve

from .cumulative import Layout, extents_at_ends, fine_rate

__all__ = ["Grid", "group_bins", "lay_grid"]

Ints = NDArray[np.int64]
Grid = tuple[CellSeries, Truth, Rules]
"""Cells of a light curve, the model that replicas are drawn from, and the settings of the
search."""

_BURST_CELLS = 300
"""Approximate number of cells inside the burst; a choice, as are the following: they trade the
precision of edges against the time of a replica."""
_FINE_EXTENTS = 0.5
"""Distance from the burst, in units of its length, up to which cells stay as fine as inside."""
_GROWTH = 0.1
"""Increase of the width of a cell per distance beyond that."""
_FAR_CELLS = 150
"""Smallest number of cells over the whole light curve, which limits the width far away."""
_BEYOND = np.array([0.1, 0.3, 0.6, 1.1, 1.8, 2.7, 4.0, 6.0])
"""Edges of cells beyond the data, in episode lengths from the burst."""


def lay_grid(
    curve: LightCurve,
    finding: Finding,
    t100_s: Interval,
    layout: Layout,
    window_s: Interval,
    prior: float,
    tails: Tails,
) -> Grid:
    """Return the cells, truth and search settings for replicas of a light curve.

    Parameters
    ----------
    curve, finding
        The light curve, with background and blocks.
    t100_s
        Extent of the burst, seconds after t0, at bin edges.
    layout
        The cells of the burst and its tails.
    window_s, prior
        Settings of the search: searched time (seconds after t0) and cost of a block.
    tails
        Prior of the tails.
    """
    cells = _Cells(curve, finding, t100_s, layout)
    return (
        cells.series,
        cells.truth(layout, tails),
        cells.rules(window_s, prior, tails),
    )


class _Cells:
    """Bins grouped into cells, with cells of zero live time in gaps and beyond the data."""

    def __init__(
        self, curve: LightCurve, finding: Finding, t100_s: Interval, layout: Layout
    ) -> None:
        self._curve, self._finding, self._t100_s = curve, finding, t100_s
        self._group = group_bins(curve, finding.background, t100_s)
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
        self.series = CellSeries(self._time_s, self.spread(curve.exposure_s), self.spread(variance))

    def spread(self, values: Floats) -> Floats:
        """Return the sum of a quantity of bins in each cell; 0 for cells without live time."""
        summed = np.add.reduceat(values, self._group)
        return np.pad(np.insert(summed, self._hole, 0.0), self._pad)

    def truth(self, layout: Layout, tails: Tails) -> Truth:
        """Return the model of replicas: finely segmented burst, background, tail posteriors."""
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

    def rules(self, window_s: Interval, prior: float, tails: Tails) -> Rules:
        """Return the settings of the search; replicas of the background follow its covariance."""
        fit = self._finding.background
        reach = (-np.inf, np.inf) if fit is None else reach_of(fit.intervals_s, self._t100_s)
        modes = np.zeros((0, len(self.series.live_s)))
        if fit is not None:
            deviations = fit.modes(self._curve.start_s, self._curve.stop_s, self._curve.exposure_s)
            modes = np.array([self.spread(mode) for mode in deviations])
        return Rules(
            prior=prior,
            low_s=max(window_s[0], reach[0]),
            high_s=min(window_s[1], reach[1]),
            modes=modes,
            tails=tails,
        )


def _weights(layout: Layout, end: End) -> Floats:
    if end.first == end.stop:
        return np.zeros((0, 0))
    return tail_weights(layout.cells, end, layout.counts, layout.cells.background, end.drawn)


def _shape(distance_s: Floats, tau_s: Floats) -> Floats:
    return np.ascontiguousarray(counts_per_amplitude(distance_s, tau_s))


def group_bins(curve: LightCurve, fit: BackgroundFit | None, t100_s: Interval) -> Ints:
    """Return the first bin of each cell; no cell spans a gap or an edge of a fitted interval."""
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
    """Return the distance of the edges of cells from the burst, in bins.

    Parameters
    ----------
    near_s
        Distance of the near edge of each bin from the burst, seconds, increasing, shape (m,).
    extent_s
        Length of the burst, seconds.
    width_s, widest_s
        Width of cells next to the burst, and largest width, seconds.
    """
    if len(near_s) == 0:
        return np.zeros(1, dtype=np.int64)
    edges, distance = [0.0], 0.0
    while distance < near_s[-1]:
        grown = _GROWTH * (distance - _FINE_EXTENTS * extent_s)
        distance += max(width_s, min(grown, widest_s))
        edges.append(distance)
    return np.searchsorted(near_s, np.array(edges) - 1e-9)

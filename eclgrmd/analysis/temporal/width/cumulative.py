"""Preparation of the cumulative curve: adjacent cells without holes, with a tail at either end."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.blocks import segment_counts, segment_values
from eclgrmd.analysis.temporal.kernels.episodes import end_extents
from eclgrmd.analysis.temporal.kernels.replicas import Cells, End
from eclgrmd.analysis.temporal.kernels.tail_cells import CellSeries, tail_cells
from eclgrmd.analysis.temporal.kernels.tails import Tails, counts_per_amplitude
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.intervals import Interval, after_gaps
from eclgrmd.model.observation import Floats, LightCurve

__all__ = [
    "Layout",
    "extents_at_ends",
    "fine_rate",
    "lay_out",
    "part_of_layout",
    "without_tails",
]
Ints = NDArray[np.int64]

_CORE_CELLS = 512
"""Largest number of cells inside the burst, apart from those that begin with a block; bounds the
time of a replica; a choice."""
_GENEROUS_PRIOR = 2.5
"""Cost of a block, in units of log likelihood, in `fine_rate`: far lower than that of the search;
a choice."""
_LEAST_SIGMA = 0.1
"""Deviation of the background, in units of the noise of the cells, below which it is ignored: it
widens no error by more than 0.5 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The cells of a burst and its tails, from which the cumulative curve is computed."""

    cells: Cells
    """Edges, model and background of the n cells."""
    counts: Floats
    """Observed counts of each cell, shape (n,)."""
    before: End
    """The tail before the burst."""
    after: End
    """The tail after the burst."""
    gaps_s: Floats
    """Unobserved parts of the burst, seconds after t0, shape (k, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Adjacent cells in order of time; the fields are those of `Layout` and `Cells`."""

    time_s: Floats
    counts: Floats
    net: Floats
    background: Floats
    variance: Floats
    live: Floats
    modes: Floats


def lay_out(
    curve: LightCurve,
    finding: Finding,
    t100_s: Interval,
    tails: Tails,
    *,
    limited: bool = True,
) -> Layout:
    """Return the cells of a burst, with its gaps filled by the adjacent rates and tails added.

    Ending the curve at the last block would lose emission too weak for a block of its own. A
    plateau far outside would add the noise of all background in between. The tail model avoids
    both.

    Parameters
    ----------
    curve, finding
        The light curve, with background and blocks.
    t100_s
        Extent of the burst, seconds after t0, at bin edges.
    tails
        Prior of the tails.
    limited
        End the tails at configured background intervals; False for replicas that are searched
        again, in which these limits are not applied.
    """
    first = int(np.searchsorted(curve.start_s, t100_s[0] - 1e-9))
    last = int(np.searchsorted(curve.stop_s, t100_s[1] + 1e-9, side="right"))
    extents = extents_at_ends(curve, finding)
    series = _Binned(curve, finding)
    limits = finding.limits_s if limited else (-np.inf, np.inf)
    before = series.tail(first, -1, extents[0], limits[0])
    core = series.core(first, last)
    after = series.tail(last, 1, extents[1], limits[1])
    parts = (before, core, after)
    cells = Cells(
        time_s=np.concatenate([before.time_s[:-1], core.time_s, after.time_s[1:]]),
        net=np.concatenate([p.net for p in parts]),
        background=np.concatenate([p.background for p in parts]),
        variance=np.concatenate([p.variance for p in parts]),
        live=np.concatenate([p.live for p in parts]),
        modes=np.concatenate([p.modes for p in parts], axis=1),
    )
    edges = (len(before.counts), len(before.counts) + len(core.counts))
    burst = np.flatnonzero(finding.burst)
    rates = _block_rates(curve, finding)[burst[[0, -1]]]
    return Layout(
        cells=cells._replace(modes=_principal(cells, slice(None))),
        counts=np.concatenate([p.counts for p in parts]),
        before=_end(cells, slice(0, edges[0]), edges[0], rates[0], extents[0], 0, tails),
        after=_end(
            cells, slice(edges[1], len(cells.live)), edges[1], rates[1], extents[1], 1, tails
        ),
        gaps_s=np.column_stack([core.time_s[:-1], core.time_s[1:]])[core.live == 0],
    )


def extents_at_ends(curve: LightCurve, finding: Finding) -> tuple[float, float]:
    """Return the lengths of the first and the last episode of the burst, seconds."""
    burst = np.flatnonzero(finding.burst)
    stops = np.append(finding.starts[1:], len(curve.counts)) - 1
    first, last = end_extents(curve.start_s[finding.starts[burst]], curve.stop_s[stops[burst]])
    return float(first), float(last)


def without_tails(layout: Layout) -> Layout:
    """Return the layout from the first to the last block of the burst, without tails."""
    return part_of_layout(layout, slice(layout.before.stop, layout.after.first))


def part_of_layout(layout: Layout, core: slice) -> Layout:
    """Return the layout of some adjacent cells, without tails."""
    cells = layout.cells
    return replace(
        layout,
        cells=Cells(
            time_s=cells.time_s[core.start : core.stop + 1],
            net=cells.net[core],
            background=cells.background[core],
            variance=cells.variance[core],
            live=cells.live[core],
            modes=np.ascontiguousarray(cells.modes[:, core]),
        ),
        counts=layout.counts[core],
        before=_cut_end(layout.before, 0),
        after=_cut_end(layout.after, core.stop - core.start),
    )


def _cut_end(end: End, at: int) -> End:
    return end._replace(
        first=at,
        stop=at,
        shape=np.ascontiguousarray(end.shape[:, :0]),
        modes=np.ascontiguousarray(end.modes[:, :0]),
    )


def _end(
    cells: Cells, part: slice, edge: int, rate: float, extent_s: float, side: int, tails: Tails
) -> End:
    distance = np.abs(cells.time_s[part.start : part.stop + 1] - cells.time_s[edge])
    return End(
        first=part.start,
        stop=part.stop,
        shape=counts_per_amplitude(distance, tails.taus[side] * extent_s),
        rate=max(float(rate), 0.0),
        prior=tails.priors[side],
        measured=tails.measured,
        drawn=tails.drawn,
        modes=_principal(cells, part),
    )


def _principal(cells: Cells, part: slice) -> Floats:
    """Return the few deviations of the background that matter in a part of the cells, (modes, n).

    They have the covariance of `Cells.modes`, without the deviations that change no cell and no sum
    of cells by more than `_LEAST_SIGMA` of the noise.
    """
    modes, variance = cells.modes[:, part], cells.variance[part]
    noise = np.sqrt(np.where(variance > 0.0, variance, np.maximum(cells.background[part], 1.0)))
    _, sigma, direction = np.linalg.svd(modes / noise, full_matrices=False)
    kept = sigma > _LEAST_SIGMA
    return np.ascontiguousarray(sigma[kept, None] * direction[kept] * noise)


class _Binned:
    """A light curve with its background, which can be summed over groups of bins."""

    def __init__(self, curve: LightCurve, finding: Finding) -> None:
        self.start_s, self.stop_s = curve.start_s, curve.stop_s
        self.live_s, self.counts = curve.exposure_s, curve.counts
        self.background = finding.expected
        self.starts = finding.starts
        self.rate = fine_rate(curve, finding)
        self.variance = (
            np.zeros(len(curve.counts)) if curve.error is None else np.square(curve.error)
        )
        self.modes = np.empty((0, len(curve.counts)))
        fit = finding.background
        if fit is not None:
            self.modes = fit.modes(curve.start_s, curve.stop_s, curve.exposure_s)

    def core(self, first: int, last: int) -> _Part:
        """Return the bins of the burst, grouped into cells, with one cell for every gap.

        No cell belongs to two blocks: the rate may change by orders of magnitude between them.
        """
        bins = np.arange(first, last)
        late = after_gaps(self.start_s[bins], self.stop_s[bins])
        inner = self.starts[(self.starts > first) & (self.starts < last)] - first
        regular = np.arange(0, len(bins), -(-len(bins) // _CORE_CELLS))
        group = np.unique(np.concatenate([regular, late, inner]))
        ends = np.append(group[1:], len(bins)) - 1
        start, stop = self.start_s[bins[group]], self.stop_s[bins[ends]]
        live = np.add.reduceat(self.live_s[bins], group)
        net = np.add.reduceat((self.rate * self.live_s)[bins], group) * (stop - start) / live
        hole = np.flatnonzero(np.isin(group, late))
        mean = net / (stop - start)
        fill = 0.5 * (mean[hole - 1] + mean[hole]) * (start[hole] - stop[hole - 1])
        modes = np.add.reduceat(self.modes[:, bins], group, axis=1)
        return _Part(
            time_s=np.append(np.insert(start, hole, stop[hole - 1]), stop[-1]),
            counts=np.insert(np.add.reduceat(self.counts[bins], group), hole, 0.0),
            net=np.insert(net, hole, fill),
            background=np.insert(np.add.reduceat(self.background[bins], group), hole, 0.0),
            variance=np.insert(np.add.reduceat(self.variance[bins], group), hole, 0.0),
            live=np.insert(live / (stop - start), hole, 0.0),
            modes=np.insert(modes, hole, 0.0, axis=1),
        )

    def tail(self, edge: int, outwards: int, extent_s: float, limit_s: float) -> _Part:
        """Return the cells before (`outwards` -1) or after (1) an edge, see `tail_cells`.

        The tail ends at the time `limit_s`, seconds after t0.
        """
        gaps = after_gaps(self.start_s, self.stop_s)
        at_s = float(self.start_s[edge] if outwards < 0 else self.stop_s[edge - 1])
        cells = tail_cells(
            CellSeries(
                np.append(np.insert(self.start_s, gaps, self.stop_s[gaps - 1]), self.stop_s[-1]),
                np.insert(self.live_s, gaps, 0.0),
                np.insert(self.variance, gaps, 0.0),
            ),
            np.insert(self.counts, gaps, 0.0),
            np.insert(self.background, gaps, 0.0),
            np.ascontiguousarray(np.insert(self.modes, gaps, 0.0, axis=1)),
            edge + int(np.searchsorted(gaps, edge, side="right" if outwards < 0 else "left")),
            outwards,
            extent_s,
            abs(limit_s - at_s),
        )
        order = slice(None, None, outwards)
        return _Part(
            time_s=(at_s + outwards * cells.distance_s)[order],
            counts=cells.counts[order],
            net=np.zeros(len(cells.live)),
            background=cells.background[order],
            variance=cells.variance[order],
            live=cells.live[order],
            modes=cells.modes[:, order],
        )


def _block_rates(curve: LightCurve, finding: Finding) -> Floats:
    net = np.add.reduceat(curve.counts - finding.expected, finding.starts)
    return np.asarray(net / np.add.reduceat(curve.exposure_s, finding.starts))


def fine_rate(curve: LightCurve, finding: Finding) -> Floats:
    """Return the net rate of each bin, counts/s, from a finer segmentation of each block, (n,).

    Replicas are drawn from it. Variations inside a block that are not significant still affect the
    errors: with the constant rate of the blocks, steep flanks would look flat.
    """
    rate = np.empty(len(curve.counts))
    ends = np.append(finding.starts[1:], len(curve.counts))
    for first, last, burst in zip(finding.starts, ends, finding.burst, strict=True):
        block = slice(first, last)
        starts = _finer_blocks(curve, finding, block) if burst else np.zeros(1, dtype=int)
        net = np.add.reduceat((curve.counts - finding.expected)[block], starts)
        steps = net / np.add.reduceat(curve.exposure_s[block], starts)
        rate[block] = np.repeat(steps, np.diff(np.append(starts, last - first)))
    if curve.error is not None:
        return rate
    return np.asarray(np.maximum(rate, -0.9 * finding.expected / curve.exposure_s))


def _finer_blocks(curve: LightCurve, finding: Finding, part: slice) -> Ints:
    counts, expected = curve.counts[part], finding.expected[part]
    if curve.error is None:
        return segment_counts(counts, expected, _GENEROUS_PRIOR)
    live = curve.exposure_s[part]
    return segment_values((counts - expected) / live, curve.error[part] / live, _GENEROUS_PRIOR)

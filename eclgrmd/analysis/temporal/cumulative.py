"""A burst laid out for cumulating: adjacent cells without holes, with a tail on either side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats, LightCurve

from ._tails import FLAT, SPARSE, fading, posterior, posterior_mean
from .search import Finding

__all__ = ["Core", "Layout", "Tail", "lay_out"]

Interval = tuple[float, float]
Ints = NDArray[np.int64]

_CORE_CELLS = 512
_GAP_FRACTION = 0.02
_FIRST_CELL = 0.02
_GROWTH = 1.18
_TAIL_WIDTHS = 6.0
_LEAST_TAIL = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """The cells from the first to the last block of the burst."""

    time_s: Floats
    """Edges, shape (n + 1,)."""
    counts: Floats
    """Observed counts, 0 in gaps, shape (n,)."""
    net: Floats
    """Net counts expected from the blocks, shape (n,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); empty: Poisson."""
    fill: Floats
    """Net counts that a gap is filled with, shape (n,)."""
    scale: Floats
    """Duration over live time, shape (n,); 0 in gaps."""
    modes: Floats
    """Independent 1-sigma deviations of the background, counts, shape (modes, n)."""

    @property
    def observed(self) -> Floats:
        """Net counts of each cell, corrected for dead time and gaps, shape (n,)."""
        return self.fill + self.scale * (self.counts - self.background)


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """The cells outside the first or the last block, counted outwards."""

    distance_s: Floats
    """Edges, seconds away from the burst, shape (n + 1,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); empty: Poisson."""
    shape: Floats
    """See `fading`, shape (taus, n)."""
    live: Floats
    """Live time over duration, shape (n,); 0 where nothing was observed."""
    rate: float
    """Net rate of the block at the edge, counts/s."""
    prior: Floats
    """Weight of each amplitude, shape (amplitudes,)."""
    modes: Floats
    """Independent 1-sigma deviations of the background, counts, shape (modes, n)."""
    weights: Floats
    """Posterior of tau and amplitude, shape (taus, amplitudes)."""

    @property
    def mean(self) -> Floats:
        """Expected net counts of each cell, shape (n,)."""
        return posterior_mean(self.weights, self.shape, self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The burst between its tails."""

    before: Tail
    core: Core
    after: Tail
    gaps: bool
    """Part of the burst was not observed."""

    @property
    def time_s(self) -> Floats:
        """Edges of all cells, shape (n + 1,)."""
        first, last = self.core.time_s[0], self.core.time_s[-1]
        return np.concatenate(
            [
                first - self.before.distance_s[:0:-1],
                self.core.time_s,
                last + self.after.distance_s[1:],
            ]
        )

    @property
    def curve(self) -> Floats:
        """Cumulated net counts at the edges, shape (n + 1,)."""
        parts = (np.zeros(1), self.before.mean[::-1], self.core.observed, self.after.mean)
        return np.cumsum(np.concatenate(parts))


def lay_out(curve: LightCurve, finding: Finding, t100_s: Interval) -> Layout:
    """Cut the burst out, fill its gaps with the rates around them, and estimate its tails.

    Cutting the curve at the last block would lose what is too weak for a block of its own; a
    plateau far outside would bring in the noise of all the background between.
    """
    first = int(np.searchsorted(curve.start_s, t100_s[0] - 1e-9))
    last = int(np.searchsorted(curve.stop_s, t100_s[1] + 1e-9, side="right"))
    rate = _burst_rate(curve, finding)
    series = _Series(curve, finding)
    core, gaps = _core(series, rate, first, last)
    extent = t100_s[1] - t100_s[0]
    return Layout(
        before=_tail(series, np.arange(first - 1, -1, -1), extent, float(rate[first]), outwards=-1),
        core=core,
        after=_tail(
            series, np.arange(last, len(curve.counts)), extent, float(rate[last - 1]), outwards=1
        ),
        gaps=gaps,
    )


class _Series:
    """A light curve with its background, which can be added up over groups of bins."""

    def __init__(self, curve: LightCurve, finding: Finding) -> None:
        self.start_s, self.stop_s = curve.start_s, curve.stop_s
        self.live_s, self.counts = curve.exposure_s, curve.counts
        self.background = finding.expected
        self.variance = np.empty(0) if curve.error is None else np.square(curve.error)
        self.modes = np.empty((0, len(curve.counts)))
        fit = finding.background
        if fit is not None:
            design = fit.design(curve.start_s, curve.stop_s, curve.exposure_s)
            self.modes = (design @ np.linalg.cholesky(fit.covariance[0])).T

    def variance_of(self, bins: Ints, group: Ints) -> Floats:
        if self.variance.size == 0:
            return self.variance
        return np.add.reduceat(self.variance[bins], group)


def _core(series: _Series, rate: Floats, first: int, last: int) -> tuple[Core, bool]:
    bins = np.arange(first, last)
    group = np.arange(0, len(bins), -(-len(bins) // _CORE_CELLS))
    ends = np.append(group[1:], len(bins)) - 1
    start, stop = series.start_s[bins[group]], series.stop_s[bins[ends]]
    live = np.add.reduceat(series.live_s[bins], group)
    net = np.add.reduceat((rate * series.live_s)[bins], group)
    hole = np.flatnonzero(start[1:] - stop[:-1] > _GAP_FRACTION * (stop - start)[1:]) + 1
    mean = net / live
    fill = 0.5 * (mean[hole - 1] + mean[hole]) * (start[hole] - stop[hole - 1])
    variance = series.variance_of(bins, group)
    core = Core(
        time_s=np.append(np.insert(start, hole, stop[hole - 1]), stop[-1]),
        counts=np.insert(np.add.reduceat(series.counts[bins], group), hole, 0.0),
        net=np.insert(net, hole, 0.0),
        background=np.insert(np.add.reduceat(series.background[bins], group), hole, 0.0),
        variance=np.insert(variance, hole, 0.0) if variance.size else variance,
        fill=np.insert(np.zeros(len(group)), hole, fill),
        scale=np.insert((stop - start) / live, hole, 0.0),
        modes=np.insert(np.add.reduceat(series.modes[:, bins], group, axis=1), hole, 0.0, axis=1),
    )
    return core, len(hole) > 0


def _tail(series: _Series, bins: Ints, extent_s: float, rate: float, *, outwards: int) -> Tail:
    """Group the bins on one side (nearest first) into cells that widen outwards."""
    if len(bins) == 0:
        return _no_tail(series)
    near = series.start_s[bins] if outwards > 0 else -series.stop_s[bins]
    far = series.stop_s[bins] if outwards > 0 else -series.start_s[bins]
    edge = float(near[0])
    near, far = near - edge, far - edge
    bins = bins[far <= _TAIL_WIDTHS * extent_s]
    if len(bins) == 0 or far[len(bins) - 1] < _LEAST_TAIL * extent_s:
        return _no_tail(series)
    wanted = _geometric(extent_s)
    group = np.unique(np.searchsorted(near[: len(bins)], wanted[wanted <= near[len(bins) - 1]]))
    observed = np.append(near[group], far[len(bins) - 1])
    beyond = wanted[wanted > observed[-1] + _FIRST_CELL * extent_s]
    distance = np.concatenate([observed, beyond])
    padding = (0, len(beyond))
    live = np.add.reduceat(series.live_s[bins], group)
    shape = fading(distance, extent_s)
    counts = np.pad(np.add.reduceat(series.counts[bins], group), padding)
    background = np.pad(np.add.reduceat(series.background[bins], group), padding)
    variance = series.variance_of(bins, group)
    variance = np.pad(variance, padding, constant_values=1.0) if variance.size else variance
    fraction = np.pad(live / np.diff(observed), padding)
    rate = max(rate, 0.0)
    prior = FLAT if outwards > 0 else SPARSE
    return Tail(
        distance_s=distance,
        background=background,
        variance=variance,
        shape=shape,
        live=fraction,
        rate=rate,
        prior=prior,
        modes=np.pad(np.add.reduceat(series.modes[:, bins], group, axis=1), ((0, 0), padding)),
        weights=posterior(counts, background, variance, shape, fraction, rate, prior),
    )


def _no_tail(series: _Series) -> Tail:
    """Where the data end with the burst nothing can be said of a tail."""
    edge = np.zeros(1)
    shape = fading(edge, 1.0)
    nothing = np.empty(0)
    return Tail(
        distance_s=edge,
        background=nothing,
        variance=nothing,
        shape=shape,
        live=nothing,
        rate=0.0,
        prior=SPARSE,
        modes=np.empty((len(series.modes), 0)),
        weights=posterior(nothing, nothing, nothing, shape, nothing, 0.0, SPARSE),
    )


def _geometric(extent_s: float) -> Floats:
    """Edges that widen by 18 % from cell to cell, up to 6 extents away."""
    cells = int(np.log(1.0 + _TAIL_WIDTHS * (_GROWTH - 1.0) / _FIRST_CELL) / np.log(_GROWTH)) + 1
    steps = (_GROWTH ** np.arange(cells + 1) - 1.0) / (_GROWTH - 1.0)
    return np.asarray(extent_s * _FIRST_CELL * steps)


def _burst_rate(curve: LightCurve, finding: Finding) -> Floats:
    """Net rate of each bin's block, shape (n,)."""
    starts = finding.starts
    net = np.add.reduceat(curve.counts - finding.expected, starts)
    rate = net / np.add.reduceat(curve.exposure_s, starts)
    blocks = np.repeat(rate, np.diff(np.append(starts, len(curve.counts))))
    if curve.error is not None:
        return np.asarray(blocks)
    return np.asarray(np.maximum(blocks, -0.9 * finding.expected / curve.exposure_s))

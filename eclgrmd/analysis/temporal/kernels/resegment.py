"""Kernel of the re-segmenting bootstrap: search and measurement repeated on simulated counts."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._copy import copy_to
from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from .crossings import crossing_times, deviations
from .episodes import connected_blocks, end_extents, high_blocks
from .excess import excess_sigma
from .pruning import GAUSS, POISSON, extend, starts_of_blocks
from .tail_cells import CellSeries, TailCells, tail_cells
from .tails import Tails, add_tail, mean_counts, posterior

__all__ = ["Rules", "Truth", "resegmented"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_EDGE = 80.0, 1e12
"""Range of the block parameter for Poisson and Gaussian cells, as `pruning._EDGE`."""
_TRIES = 3
"""Simulations per wanted replica at most: faint bursts are not found in all of them."""


class Truth(NamedTuple):
    """The model that replicas are drawn from, over n adjacent cells."""

    net: Floats
    """Net counts of each cell of the burst at full live time, 0 outside the burst; shape (n,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    first: int
    """Index of the first cell of the burst."""
    stop: int
    """Index after the last cell of the burst."""
    rates: Floats
    """Net rate of the first and of the last block, counts/s, shape (2,)."""
    weights_before: Floats
    """Posterior of the tail before the burst, shape (taus, amplitudes); (0, 0) if there is none."""
    weights_after: Floats
    """Posterior of the tail after the burst, shape (taus, amplitudes); (0, 0) if there is none."""
    shape_before: Floats
    """Decay integrated over the cells before the burst, seconds, shape (taus, first)."""
    shape_after: Floats
    """Decay integrated over the cells after the burst, seconds, shape (taus, n - stop)."""


class Rules(NamedTuple):
    """The settings of the burst search in each replica."""

    prior: float
    """Cost of a block, in units of log likelihood."""
    low_s: float
    """Blocks that end before this time, seconds after t0, are not part of the burst."""
    high_s: float
    """Blocks that start after this time, seconds after t0, are not part of the burst."""
    modes: Floats
    """Independent 1-sigma deviations of the background, counts, shape (modes, n)."""
    tails: Tails
    """Prior of the emission outside the burst."""


@kernel
def _draw_net(truth: Truth, rng: np.random.Generator) -> Floats:
    """Return the net counts of the truth with tails drawn from their posteriors, shape (n,)."""
    net = truth.net.copy()
    if truth.weights_before.size > 0:
        rate, shape = truth.rates[0], truth.shape_before
        add_tail(net, 0, truth.weights_before, shape, rate, rng.random())
    if truth.weights_after.size > 0:
        rate, shape = truth.rates[1], truth.shape_after
        add_tail(net, truth.stop, truth.weights_after, shape, rate, rng.random())
    return net


@kernel
def _observe(series: CellSeries, truth: Truth, net: Floats, rng: np.random.Generator) -> Floats:
    counts = np.zeros(net.size)
    for i in range(net.size):
        if series.live_s[i] <= 0.0:
            continue
        width = series.time_s[i + 1] - series.time_s[i]
        expected = net[i] * series.live_s[i] / width + truth.background[i]
        if series.variance[i] > 0.0:
            counts[i] = expected + np.sqrt(series.variance[i]) * rng.standard_normal()
        else:
            counts[i] = float(rng.poisson(max(expected, 0.0)))
    return counts


@kernel
def _background(series: CellSeries, truth: Truth, rules: Rules, rng: np.random.Generator) -> Floats:
    """Draw the background that a fit to other counts would have given."""
    expected = truth.background.copy()
    for m in range(rules.modes.shape[0]):
        expected += rng.standard_normal() * rules.modes[m]
    if series.variance.max() == 0.0:
        for i in range(expected.size):
            expected[i] = max(expected[i], 1e-6)
    return expected


@kernel
def _blocks(
    series: CellSeries, counts: Floats, background: Floats, observed: Ints, prior: float
) -> Ints:
    """Segment the observed cells and return the index of the first cell of each block."""
    poisson = series.variance.max() == 0.0
    m = observed.size
    T, N = np.zeros(m + 1), np.zeros(m + 1)
    for k in range(m):
        i = observed[k]
        if poisson:
            T[k + 1] = T[k] + background[i]
            N[k + 1] = N[k] + counts[i]
        else:
            T[k + 1] = T[k] + series.live_s[i] ** 2 / series.variance[i]
            value = (counts[i] - background[i]) * series.live_s[i] / series.variance[i]
            N[k + 1] = N[k] + value
    edge = _EDGE[0] if poisson else _EDGE[1]
    bounds = np.array([[-edge, edge, 0.0, 0.0]])
    if poisson:
        bounds[0, 2], bounds[0, 3] = np.exp(-edge), np.exp(edge)
    best, last = np.zeros(m + 1), np.zeros(m + 1, np.int64)
    kind = POISSON if poisson else GAUSS
    extend(kind, prior, 0, T, N, best, last, np.zeros(1, np.int64), bounds)
    starts: Ints = observed[starts_of_blocks(last)]
    return starts


@kernel
def _significances(
    series: CellSeries, counts: Floats, background: Floats, modes: Floats, starts: Ints
) -> Floats:
    total, expected = np.zeros(starts.size), np.zeros(starts.size)
    uncertain, variance = np.zeros(starts.size), np.zeros(starts.size)
    for b in range(starts.size):
        stop = starts[b + 1] if b + 1 < starts.size else counts.size
        part = slice(starts[b], stop)
        for m in range(modes.shape[0]):
            uncertain[b] += modes[m, part].sum() ** 2
        total[b], expected[b] = counts[part].sum(), background[part].sum()
        variance[b] = series.variance[part].sum()
    return excess_sigma(total, expected, uncertain, variance)


@kernel
def _find(
    series: CellSeries,
    rules: Rules,
    counts: Floats,
    background: Floats,
    observed: Ints,
) -> tuple[Ints, Floats, Floats]:
    """Find the burst in one replica.

    Returns its first cell and the cell after its last (equal if there is no burst), the net rates
    of its first and last block, counts/s, and the lengths of its first and last episode, seconds;
    shape (2,) each.
    """
    starts = _blocks(series, counts, background, observed, rules.prior)
    sigma = _significances(series, counts, background, rules.modes, starts)
    stops = np.append(starts[1:], observed[-1] + 1)
    low_s, high_s = series.time_s[starts], series.time_s[stops]
    for b in range(sigma.size):
        if high_s[b] <= rules.low_s or low_s[b] >= rules.high_s:
            sigma[b] = 0.0
    burst = np.flatnonzero(connected_blocks(low_s, high_s, sigma, high_blocks(sigma)))
    edges, rates, extents = np.zeros(2, np.int64), np.zeros(2), np.zeros(2)
    if burst.size > 0:
        copy_to(extents, end_extents(low_s[burst], high_s[burst]))
        edges[0], edges[1] = starts[burst[0]], stops[burst[-1]]
        for k in range(2):
            part = slice(starts[burst[-k]], stops[burst[-k]])
            net = counts[part].sum() - background[part].sum()
            rates[k] = max(net / series.live_s[part].sum(), 0.0)
    return edges, rates, extents


@kernel
def _tail(
    cells: TailCells, tails: Tails, side: int, extent_s: float, rate: float
) -> tuple[Floats, Floats]:
    """Estimate the tail before (side 0) or after (side 1) a burst.

    Returns the cell edges, seconds from the edge of the burst, and the mean counts in each cell.
    """
    taus, prior = tails.taus[side] * extent_s, tails.priors[side]
    m = cells.live.size
    shape = np.zeros((taus.size, m))
    for t in range(taus.size):
        here = 1.0
        for j in range(m):
            there = np.exp(-cells.distance_s[j + 1] / taus[t])
            shape[t, j] = taus[t] * (here - there)
            here = there
    if m == 0:
        return cells.distance_s, np.zeros(0)
    weights = posterior(
        cells.counts,
        cells.background,
        cells.variance,
        cells.modes,
        cells.live,
        shape,
        rate,
        prior,
        tails.measured,
    )
    return cells.distance_s, mean_counts(weights, shape, rate)


@kernel
def _cumulate(
    series: CellSeries,
    tails: Tails,
    counts: Floats,
    background: Floats,
    modes: Floats,
    edges: Ints,
    rates: Floats,
    extents: Floats,
) -> tuple[Floats, Floats]:
    """Return the cumulative curve between the far ends of the tails: times, s, and net counts."""
    first, stop = edges
    before = tail_cells(series, counts, background, modes, first, -1, extents[0], np.inf)
    after = tail_cells(series, counts, background, modes, stop, 1, extents[1], np.inf)
    early = _tail(before, tails, 0, extents[0], rates[0])
    late = _tail(after, tails, 1, extents[1], rates[1])
    a, b = early[1].size, late[1].size
    time, curve = np.zeros(a + (stop - first) + b + 1), np.zeros(a + (stop - first) + b + 1)
    time[0] = series.time_s[first] - early[0][a]
    k = 0
    for j in range(a - 1, -1, -1):
        k += 1
        time[k] = series.time_s[first] - early[0][j]
        curve[k] = curve[k - 1] + early[1][j]
    known = 0.0
    for i in range(first, stop):
        k += 1
        width = series.time_s[i + 1] - series.time_s[i]
        time[k] = series.time_s[i + 1]
        if series.live_s[i] > 0.0:
            known = (counts[i] - background[i]) / series.live_s[i]
        curve[k] = curve[k - 1] + known * width
    for j in range(b):
        k += 1
        time[k] = series.time_s[stop] + late[0][j + 1]
        curve[k] = curve[k - 1] + late[1][j]
    return time, curve


@kernel
def resegmented(
    series: CellSeries,
    truth: Truth,
    rules: Rules,
    fractions: Floats,
    number: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    """Simulate bursts with known truth, search for each and measure it.

    Parameters
    ----------
    series
        The light curve, n cells.
    truth, rules
        The model that replicas are drawn from, and the settings of the search.
    fractions
        Fractions of the fluence, shape (k,).
    number
        Number of replicas wanted.
    rng
        Random number generator.

    Returns
    -------
    tuple
        Deviations of crossing times, see `deviations`, and true crossing times, seconds, shape
        (r, k) each, and measured minus true fluence, counts, shape (r,), for the r replicas in
        which a burst was found (r <= number).
    """
    moved, true = np.empty((number, fractions.size)), np.empty((number, fractions.size))
    fluence = np.empty(number)
    observed = np.flatnonzero(series.live_s > 0.0)
    true_curve = np.zeros(truth.net.size + 1)
    r = 0
    for _ in range(_TRIES * number):
        if r == number:
            break
        net = _draw_net(truth, rng)
        counts = _observe(series, truth, net, rng)
        background = _background(series, truth, rules, rng)
        edges, rates, extents = _find(series, rules, counts, background, observed)
        if edges[0] == edges[1]:
            continue
        time, curve = _cumulate(
            series, rules.tails, counts, background, rules.modes, edges, rates, extents
        )
        copy_to(true_curve[1:], np.cumsum(net))
        times = crossing_times(time, curve, fractions)
        copy_to(moved[r], deviations(series.time_s, true_curve, times, fractions))
        copy_to(true[r], crossing_times(series.time_s, true_curve, fractions))
        fluence[r] = curve[curve.size - 1] - true_curve[truth.net.size]
        r += 1
    return moved[:r], true[:r], fluence[:r]

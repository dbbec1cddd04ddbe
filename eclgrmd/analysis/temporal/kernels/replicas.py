"""Kernel of the parametric bootstrap: the whole measurement again on simulated counts."""

from typing import NamedTuple

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from .crossings import crossing_times
from .tails import add_tail, mean_counts, posterior

__all__ = ["Cells", "End", "cumulated", "replicas", "tail_weights"]


class Cells(NamedTuple):
    """Adjacent cells from the far end of the one tail to that of the other, n of them."""

    time_s: Floats
    """Edges, shape (n + 1,)."""
    net: Floats
    """Net counts that the blocks give each cell, had it been observed in full, shape (n,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); 0: Poisson."""
    live: Floats
    """Live time over duration, shape (n,); 0 where nothing was observed."""
    modes: Floats
    """Independent 1-sigma deviations of the fitted background, counts, shape (modes, n)."""


class End(NamedTuple):
    """The cells outside one end of the burst."""

    first: int
    """First cell."""
    stop: int
    """Last cell + 1."""
    shape: Floats
    """See `counts_per_amplitude`, shape (taus, stop - first)."""
    rate: float
    """Net rate of the block at the edge, counts/s."""
    prior: Floats
    """Of taus and amplitudes, see `posterior`."""
    measured: float
    """Power of the likelihood, see `Tails`."""
    drawn: float
    """Power of the likelihood, see `Tails`."""


@kernel
def tail_weights(
    cells: Cells, end: End, counts: Floats, background: Floats, power: float
) -> Floats:
    """Give the posterior of an end for counts and background of all cells."""
    part = slice(end.first, end.stop)
    return posterior(
        counts[part],
        background[part],
        cells.variance[part],
        np.ascontiguousarray(cells.modes[:, part]),
        cells.live[part],
        end.shape,
        end.rate,
        end.prior,
        power,
    )


@kernel
def cumulated(cells: Cells, before: End, after: End, counts: Floats, background: Floats) -> Floats:
    """Cumulate net counts inside the burst and the estimated tails outside, shape (n + 1,)."""
    increment = cells.net.copy()
    for i in range(before.stop, after.first):
        if cells.live[i] > 0.0:
            increment[i] = (counts[i] - background[i]) / cells.live[i]
    for end in (before, after):
        weights = tail_weights(cells, end, counts, background, end.measured)
        increment[end.first : end.stop] = mean_counts(weights, end.shape, end.rate)
    curve = np.zeros(increment.size + 1)
    curve[1:] = np.cumsum(increment)
    return curve


@kernel
def _simulated(cells: Cells, net: Floats, rng: np.random.Generator) -> Floats:
    counts = np.empty(net.size)
    for i in range(net.size):
        expected = net[i] * cells.live[i] + cells.background[i]
        if cells.variance[i] > 0.0:
            counts[i] = expected + np.sqrt(cells.variance[i]) * rng.standard_normal()
        else:
            counts[i] = float(rng.poisson(max(expected, 0.0)))
    return counts


@kernel
def _fitted_again(cells: Cells, rng: np.random.Generator) -> Floats:
    """Background as another fit would have given it."""
    fitted = cells.background.copy()
    for m in range(cells.modes.shape[0]):
        fitted += rng.standard_normal() * cells.modes[m]
    for i in range(fitted.size):
        if cells.variance[i] == 0.0:
            fitted[i] = max(fitted[i], 1e-6)
    return fitted


@kernel
def replicas(
    cells: Cells,
    before: End,
    after: End,
    counts: Floats,
    fractions: Floats,
    number: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Measure simulated bursts whose truth is known.

    Parameters
    ----------
    cells, before, after
        The burst; outside its edges `net` is 0.
    counts
        Observed counts, shape (n,).
    fractions
        Of the fluence, shape (k,).
    number
        Of replicas.
    rng
        Source of randomness.

    Returns
    -------
    tuple
        Measured less true crossing times, shape (number, k); measured less true fluence, (number,).
    """
    found = np.empty((number, fractions.size))
    fluence = np.empty(number)
    n = counts.size
    weights_before = tail_weights(cells, before, counts, cells.background, before.drawn)
    weights_after = tail_weights(cells, after, counts, cells.background, after.drawn)
    truth = np.zeros(n + 1)
    for r in range(number):
        net = cells.net.copy()
        add_tail(net, before.first, weights_before, before.shape, before.rate, rng.random())
        add_tail(net, after.first, weights_after, after.shape, after.rate, rng.random())
        truth[1:] = np.cumsum(net)
        measured = cumulated(
            cells, before, after, _simulated(cells, net, rng), _fitted_again(cells, rng)
        )
        found[r] = crossing_times(cells.time_s, measured, fractions)
        found[r] -= crossing_times(cells.time_s, truth, fractions)
        fluence[r] = measured[n] - truth[n]
    return found, fluence

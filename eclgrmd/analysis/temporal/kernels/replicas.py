"""Kernel of the parametric bootstrap: the measurement repeated on simulated counts."""

from typing import NamedTuple

import numpy as np

from eclgrmd.analysis._copy import copy_to
from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from .crossings import crossing_times, deviations
from .tails import add_tail, mean_counts, posterior

__all__ = ["Cells", "End", "cumulated", "replicas", "tail_weights"]


class Cells(NamedTuple):
    """The n adjacent cells of the burst and the tails on both sides of it."""

    time_s: Floats
    """Edges, seconds after t0, shape (n + 1,)."""
    net: Floats
    """Net counts of the block model in each cell at full live time, shape (n,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); 0 for Poisson counts."""
    live: Floats
    """Live time as a fraction of the duration, shape (n,); 0 where nothing was observed."""
    modes: Floats
    """Independent 1-sigma deviations of the fitted background, counts, shape (modes, n)."""


class End(NamedTuple):
    """The cells of the tail outside one end of the burst, with the model of that tail."""

    first: int
    """Index of the first cell."""
    stop: int
    """Index after the last cell."""
    shape: Floats
    """Integrated decay in each cell, seconds, see `counts_per_amplitude`; (taus, stop - first)."""
    rate: float
    """Net rate of the block at the edge, counts/s."""
    prior: Floats
    """Prior of decay times and amplitudes, shape (taus, amplitudes)."""
    measured: float
    """Power of the likelihood for the measurement, see `Tails.measured`."""
    modes: Floats
    """Deviations of the background that its cells can tell, like `Cells.modes`; (modes, cells)."""
    drawn: float
    """Power of the likelihood for drawing the truth of replicas, see `Tails.drawn`."""


@kernel
def tail_weights(
    cells: Cells, end: End, counts: Floats, background: Floats, power: float
) -> Floats:
    """Return the posterior of the tail at one end, shape (taus, amplitudes).

    Parameters
    ----------
    cells, end
        The light curve and the end.
    counts, background
        Observed and expected background counts of all cells, shape (n,).
    power
        Power of the likelihood, see `posterior`.
    """
    part = slice(end.first, end.stop)
    return posterior(
        counts[part],
        background[part],
        cells.variance[part],
        end.modes,
        cells.live[part],
        end.shape,
        end.rate,
        end.prior,
        power,
    )


@kernel
def cumulated(cells: Cells, before: End, after: End, counts: Floats, background: Floats) -> Floats:
    """Return the cumulative net counts, with the mean posterior tails outside, shape (n + 1,).

    Parameters
    ----------
    cells, before, after
        The light curve and the two ends of the burst.
    counts, background
        Observed and expected background counts, shape (n,).
    """
    increment = cells.net.copy()
    for i in range(before.stop, after.first):
        if cells.live[i] > 0.0:
            increment[i] = (counts[i] - background[i]) / cells.live[i]
    for end in (before, after):
        weights = tail_weights(cells, end, counts, background, end.measured)
        tail = mean_counts(weights, end.shape, end.rate)
        copy_to(increment[end.first : end.stop], tail)
    curve = np.zeros(increment.size + 1)
    copy_to(curve[1:], np.cumsum(increment))
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
def _background_draw(cells: Cells, rng: np.random.Generator) -> Floats:
    """Draw a background from the errors of the fit, kept positive for Poisson counts."""
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
    """Simulate bursts with known truth, measure them, and return the deviations.

    Parameters
    ----------
    cells, before, after
        The burst and its ends; `cells.net` is 0 outside the edges.
    counts
        Observed counts, shape (n,).
    fractions
        Fractions of the fluence, shape (k,).
    number
        Number of replicas.
    rng
        Random number generator.

    Returns
    -------
    tuple
        Deviations of crossing times, seconds, see `deviations`, shape (number, k); measured minus
        true fluence, counts, shape (number,).
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
        copy_to(truth[1:], np.cumsum(net))
        measured = cumulated(
            cells, before, after, _simulated(cells, net, rng), _background_draw(cells, rng)
        )
        times = crossing_times(cells.time_s, measured, fractions)
        copy_to(found[r], deviations(cells.time_s, truth, times, fractions))
        fluence[r] = measured[n] - truth[n]
    return found, fluence

"""Kernels for the emission beside the blocks: too weak for a block of its own, yet not nothing.

Outside the first and the last block a burst is taken to fade as ``A exp(-x / tau)`` with the
distance x. A lies between 0 and the rate of the block at that edge, with a prior as A**-1/2; tau
between 3 and 100 % of the burst's extent, with a prior as 1 / tau. The counts there give the
posterior on a grid.
"""

from math import exp, log

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["AMPLITUDES", "TAUS", "draw", "fading", "posterior", "posterior_mean"]

SPARSE: NDArray[np.float64] = np.ones(12)
FLAT: NDArray[np.float64] = np.concatenate([[0.5], 2.0 * np.arange(1, 11), [10.0]])
AMPLITUDES: NDArray[np.float64] = (np.arange(12) / 11.0) ** 2
"""Of the rate of the block at the edge; equal weights on squares are the prior A**-1/2."""
TAUS: NDArray[np.float64] = np.geomspace(0.03, 1.0, 8)
"""Of the burst's extent; equal weights on a geometric grid are the prior 1 / tau."""


def fading(distance_s: Floats, extent_s: float) -> Floats:
    """Integrate exp(-x / tau) over cells, for every tau of the grid.

    Parameters
    ----------
    distance_s
        Edges of the cells, seconds away from the burst, shape (n + 1,).
    extent_s
        Of the burst, seconds.

    Returns
    -------
    Floats
        Seconds, shape (taus, n).
    """
    tau = (TAUS * extent_s)[:, None]
    return np.asarray(-tau * np.diff(np.exp(-distance_s[None] / tau), axis=1))


@kernel
def posterior(
    counts: Floats,
    background: Floats,
    variance: Floats,
    shape: Floats,
    live: Floats,
    rate: float,
    prior: Floats,
) -> Floats:
    """Weigh every tau and amplitude by the likelihood of the counts.

    Parameters
    ----------
    counts, background
        Of each cell, shape (n,).
    variance
        Gaussian variance of the counts, shape (n,); empty: Poisson.
    shape
        See `fading`, shape (taus, n).
    live
        Live time over duration of each cell, shape (n,); 0 where nothing was observed.
    rate
        Of the block at the edge, counts/s.
    prior
        Weight of each amplitude, shape (amplitudes,).

    Returns
    -------
    Floats
        Shape (taus, amplitudes), sum 1.
    """
    taus, cells = shape.shape
    weights = np.zeros((taus, AMPLITUDES.size))
    for t in range(taus):
        for a in range(1, AMPLITUDES.size):
            amplitude = AMPLITUDES[a] * rate
            for j in range(cells):
                if live[j] <= 0.0:
                    continue
                signal = amplitude * shape[t, j] * live[j]
                if variance.size > 0:
                    excess = counts[j] - background[j]
                    weights[t, a] += signal * (excess - 0.5 * signal) / variance[j]
                else:
                    weights[t, a] -= signal
                    if counts[j] > 0.0:
                        weights[t, a] += counts[j] * log(1.0 + signal / background[j])
    highest = weights.max()
    total = 0.0
    for t in range(taus):
        for a in range(AMPLITUDES.size):
            weights[t, a] = prior[a] * exp(weights[t, a] - highest)
            total += weights[t, a]
    return weights / total


@kernel
def posterior_mean(weights: Floats, shape: Floats, rate: float) -> Floats:
    """Expected counts of each cell had it been observed in full, shape (n,)."""
    taus, cells = shape.shape
    mean = np.zeros(cells)
    for t in range(taus):
        amplitude = 0.0
        for a in range(AMPLITUDES.size):
            amplitude += weights[t, a] * AMPLITUDES[a] * rate
        for j in range(cells):
            mean[j] += amplitude * shape[t, j]
    return mean


@kernel
def draw(weights: Floats, shape: Floats, rate: float, chance: float) -> Floats:
    """Give the counts of each cell for one tau and amplitude drawn from the posterior, shape (n,).

    Parameters
    ----------
    weights, shape, rate
        See `posterior`.
    chance
        Uniform random number between 0 and 1.
    """
    taus = shape.shape[0]
    total = 0.0
    for t in range(taus):
        for a in range(AMPLITUDES.size):
            total += weights[t, a]
            if total >= chance:
                return np.asarray(AMPLITUDES[a] * rate * shape[t])
    return np.zeros(shape.shape[1])

"""Kernels for the ends of a burst: emission too weak for a block of its own, yet not nothing.

Outside its first and last block a burst is taken to fade as ``A exp(-x / tau)`` with the distance
x from the block's edge. The counts there weigh every tau (fractions of the burst's extent) and
every A (fractions of the block's rate) by their likelihood.
"""

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = [
    "AMPLITUDES",
    "LONG_TAILS",
    "SHORT_TAILS",
    "Tails",
    "counts_per_amplitude",
    "draw",
    "mean_counts",
    "posterior",
]

AMPLITUDES: NDArray[np.float64] = (np.arange(12) / 11.0) ** 2
"""Of the rate of the block at the edge."""


class Tails(NamedTuple):
    """What tails may be like, before the burst and after it."""

    taus: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Of the burst's extent: all equally likely before the data."""
    priors: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Of the amplitudes."""
    measured: float
    """Power of the likelihood when the tail is measured."""
    drawn: float
    """Power of the likelihood when the truth of replicas is drawn.

    A block ends where the counts happen to fall, so the counts just outside speak against a tail
    more loudly than they should.
    """


SHORT_TAILS = Tails(
    taus=(np.geomspace(0.03, 0.5, 8), np.geomspace(0.05, 0.7, 8)),
    priors=(
        np.concatenate([[11.0], np.ones(11)]) / 22.0,
        np.concatenate([[0.5], 2.0 * np.arange(1, 11), [10.0]]) / 120.5,
    ),
    measured=1.0,
    drawn=0.5,
)
"""Before the burst half for none and half as A**-1/2, after it flat: bursts fade slower."""
LONG_TAILS = Tails(
    taus=(np.geomspace(0.03, 1.0, 8), np.geomspace(0.1, 4.0, 9)),
    priors=(
        np.concatenate([[11.0], np.ones(11)]) / 22.0,
        np.concatenate([[0.5], np.arange(1.0, 12.0) ** 2]) / 506.5,
    ),
    measured=0.7,
    drawn=0.7,
)
"""After the burst as A**1/2, up to several times its extent: what simulated bursts lose undetected.

On real bursts a background that is out by a little is easily taken for such a tail.
"""


def counts_per_amplitude(distance_s: Floats, tau_s: Floats) -> Floats:
    """Integrate exp(-x / tau) over cells, for every tau of the grid.

    Parameters
    ----------
    distance_s
        Edges of the cells, seconds outwards from the edge of the burst, shape (n + 1,).
    tau_s
        Shape (taus,).

    Returns
    -------
    Floats
        Seconds, shape (taus, n).
    """
    tau = tau_s[:, None]
    return np.asarray(np.abs(tau * np.diff(np.exp(-distance_s[None] / tau), axis=1)))


@kernel
def _log_likelihood(counts: float, background: float, variance: float, signal: float) -> float:
    """Log likelihood of a signal less that of none; variance 0: Poisson."""
    if variance > 0.0:
        return signal * (counts - background - 0.5 * signal) / variance
    if counts <= 0.0:
        return -signal
    return counts * log(1.0 + signal / background) - signal


@kernel
def posterior(
    counts: Floats,
    background: Floats,
    variance: Floats,
    live: Floats,
    shape: Floats,
    rate: float,
    prior: Floats,
    power: float,
) -> Floats:
    """Weigh every tau and amplitude by the likelihood of the counts outside the edge.

    Parameters
    ----------
    counts, background, variance
        Of each cell, shape (n,); variance is Gaussian, 0 where the counts are Poisson.
    live
        Live time over duration of each cell, shape (n,); 0 where nothing was observed.
    shape
        See `counts_per_amplitude`, shape (taus, n).
    rate
        Net rate of the block at the edge, counts/s.
    prior
        Of the amplitudes, shape (amplitudes,).
    power
        Of the likelihood, 1 or less: how far the counts are trusted.

    Returns
    -------
    Floats
        Shape (taus, amplitudes), sum 1.
    """
    taus, cells = shape.shape
    weights = np.zeros((taus, AMPLITUDES.size))
    for t in range(taus):
        for a in range(1, AMPLITUDES.size):
            strength = AMPLITUDES[a] * rate
            for j in range(cells):
                if live[j] > 0.0:
                    signal = strength * shape[t, j] * live[j]
                    weights[t, a] += _log_likelihood(counts[j], background[j], variance[j], signal)
    weights = np.exp(power * (weights - weights.max())) * prior
    normed: Floats = weights / weights.sum()
    return normed


@kernel
def mean_counts(weights: Floats, shape: Floats, rate: float) -> Floats:
    """Expected counts of the cells outside the edge had they been observed in full, shape (n,)."""
    strength = weights @ AMPLITUDES * rate
    mean: Floats = strength @ shape
    return mean


@kernel
def draw(weights: Floats, chance: float) -> tuple[int, float]:
    """Draw a tau (its index) and an amplitude, as a fraction of the block's rate.

    Parameters
    ----------
    weights
        See `posterior`.
    chance
        Uniform random number between 0 and 1.
    """
    total = 0.0
    for t in range(weights.shape[0]):
        for a in range(weights.shape[1]):
            total += weights[t, a]
            if total >= chance:
                return t, AMPLITUDES[a]
    return 0, 0.0

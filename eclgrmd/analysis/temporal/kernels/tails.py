"""Kernels for the ends of a burst: emission too weak for a block of its own, yet not nothing.

Outside its first and last block a burst is taken to fade as ``A exp(-x / tau)`` with the distance
x from the block's edge. The counts there weigh every tau (fractions of the episode's extent) and
every A (fractions of the block's rate) by their likelihood.
"""

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.analysis._linear import invert
from eclgrmd.model.observation import Floats

__all__ = [
    "AMPLITUDES",
    "Tails",
    "add_tail",
    "counts_per_amplitude",
    "mean_counts",
    "posterior",
    "tails_of",
]

AMPLITUDES: NDArray[np.float64] = (np.arange(12) / 11.0) ** 2
"""Of the rate of the block at the edge."""
_AMPLITUDE_PRIOR = AMPLITUDES**1.5 * np.maximum(1.0 - AMPLITUDES, 0.02) ** 1.5
"""Bell-shaped: at its edge a burst is about half as bright as the mean of its last block."""
_AMPLITUDE_PRIOR /= _AMPLITUDE_PRIOR.sum()
_SMALL = 1e-3
"""Below this three terms of ln(1 + x) are exact to 3e-10."""
_TAUS = np.geomspace(0.003, 0.15, 8), np.geomspace(0.01, 0.8, 12)


class Tails(NamedTuple):
    """What tails may be like, before the burst and after it."""

    taus: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Of the extent of the first or last episode, shape (taus,) each."""
    priors: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Of taus and amplitudes, shape (taus, amplitudes) each."""
    measured: float
    """Power of the likelihood when the tail is measured."""
    drawn: float
    """Power of the likelihood when the truth of replicas is drawn.

    A block ends where the counts happen to fall, so the counts just outside speak against a tail
    more loudly than they should.
    """


def tails_of(significance: float) -> Tails:
    """Tell what the tails of a burst may be like, given its significance in sigma.

    The brighter a burst, the more of its decay its blocks hold: what is left outside is a smaller
    fraction of its extent. The prior was read off simulated bursts
    (``python -m testbench.accuracy.tail_prior``).
    """
    bright = np.clip(significance, 8.0, 400.0) / 60.0
    before = _log_normal(_TAUS[0], 0.015 * bright**-0.5, 1.0)
    after = 0.84 * _log_normal(_TAUS[1], 0.2 * bright**-0.3, 0.35 * bright**-0.25)
    after += 0.16 * _log_normal(_TAUS[1], 0.012 / bright, 1.2)
    priors = (before[:, None] * _AMPLITUDE_PRIOR, after[:, None] * _AMPLITUDE_PRIOR)
    return Tails(taus=_TAUS, priors=priors, measured=0.7, drawn=0.3)


def _log_normal(taus: Floats, median: float, spread: float) -> Floats:
    weights = np.exp(-0.5 * np.square(np.log(taus / median) / spread))
    return np.asarray(weights / weights.sum())


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
    ratio = signal / background
    if ratio < _SMALL:
        return counts * ratio * (1.0 - ratio * (0.5 - ratio / 3.0)) - signal
    return counts * log(1.0 + ratio) - signal


@kernel
def _background_out(modes: Floats, joint: Floats, pull: Floats) -> float:
    """Log likelihood that a background which is out by its errors gains (loops beat BLAS here)."""
    push, gain = np.zeros(modes.shape[0]), 0.0
    for m in range(modes.shape[0]):
        for j in range(pull.size):
            push[m] += modes[m, j] * pull[j]
        for k in range(m):
            gain += push[m] * joint[m, k] * push[k]
        gain += 0.5 * push[m] * joint[m, m] * push[m]
    return gain


@kernel
def posterior(
    counts: Floats,
    background: Floats,
    variance: Floats,
    modes: Floats,
    live: Floats,
    shape: Floats,
    rate: float,
    prior: Floats,
    power: float,
) -> Floats:
    """Weigh every tau and amplitude by the likelihood of the counts outside the edge.

    The background may be out by its errors: an excess that these would explain is no tail. They are
    marginalised with the noise taken as Gaussian, of the counts or of what the signal would make
    them, whichever is more: a signal far above the counts must not look like a background that is
    far out.

    Parameters
    ----------
    counts, background, variance
        Of each cell, shape (n,); variance is Gaussian, 0 where the counts are Poisson.
    modes
        Independent 1-sigma deviations of the background, shape (modes, n).
    live
        Live time over duration of each cell, shape (n,); 0 where nothing was observed.
    shape
        See `counts_per_amplitude`, shape (taus, n).
    rate
        Net rate of the block at the edge, counts/s.
    prior
        Shape (taus, amplitudes).
    power
        Of the likelihood, 1 or less: how far the counts are trusted.

    Returns
    -------
    Floats
        Shape (taus, amplitudes), sum 1.
    """
    taus, cells = shape.shape
    weights = np.zeros((taus, AMPLITUDES.size))
    precision = np.zeros(cells)
    for j in range(cells):
        if live[j] > 0.0:
            noise = variance[j] if variance[j] > 0.0 else max(background[j], counts[j])
            precision[j] = 1.0 / noise
    joint = np.eye(modes.shape[0]) + (modes * precision) @ modes.T
    inverse = np.zeros_like(joint)
    invert(joint, inverse)  # positive definite: its eigenvalues are at least 1
    pull = np.zeros(cells)
    for t in range(taus):
        unit = rate * shape[t] * live
        for a in range(AMPLITUDES.size):
            for j in range(cells):
                if live[j] > 0.0:
                    signal = AMPLITUDES[a] * unit[j]
                    noise = max(1.0 / precision[j], background[j] + signal)
                    pull[j] = counts[j] - background[j] - signal
                    pull[j] /= variance[j] if variance[j] > 0.0 else noise
                    if a > 0:
                        gain = _log_likelihood(counts[j], background[j], variance[j], signal)
                        weights[t, a] += gain
            weights[t, a] += _background_out(modes, inverse, pull)
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
def add_tail(
    net: Floats, first: int, weights: Floats, shape: Floats, rate: float, chance: float
) -> None:
    """Put a tail drawn from its posterior into the net counts of the cells outside an edge.

    Parameters
    ----------
    net
        Net counts of all cells, shape (n,).
    first
        First cell of the tail.
    weights, shape, rate
        See `posterior`.
    chance
        Uniform random number between 0 and 1.
    """
    total, drawn = 0.0, weights.size - 1
    for k in range(weights.size):
        total += weights.flat[k]
        if total >= chance:
            drawn = k
            break
    tau, amplitude = drawn // AMPLITUDES.size, AMPLITUDES[drawn % AMPLITUDES.size]
    for i in range(shape.shape[1]):
        net[first + i] = amplitude * rate * shape[tau, i]

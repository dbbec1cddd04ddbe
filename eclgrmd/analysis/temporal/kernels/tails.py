"""Kernels for the tails of a burst: emission outside its blocks, too weak for a block of its own.

Outside its first and last block a burst is assumed to fade as ``A exp(-x / tau)`` with the distance
x from the block's edge. The posterior of tau (in units of the episode's length) and A (in units of
the block's net rate) is computed on a grid from the counts outside the edge.
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
    "LONGEST_TAIL",
    "Tails",
    "add_tail",
    "counts_per_amplitude",
    "mean_counts",
    "posterior",
    "tails_of",
]

AMPLITUDES: NDArray[np.float64] = (np.arange(12) / 11.0) ** 2
"""Grid of A, in units of the net rate of the block at the edge; denser towards 0."""
_AMPLITUDE_PRIOR = AMPLITUDES**1.5 * np.maximum(1.0 - AMPLITUDES, 0.02) ** 1.5
"""Prior of A, bell-shaped: a burst is about half as bright at its edge as the mean of its last
block. Read off simulated bursts (``python -m testbench accuracy/tail_prior``)."""
_AMPLITUDE_PRIOR /= _AMPLITUDE_PRIOR.sum()
_SMALL = 1e-3
"""Below this x, three terms of the series of ln(1 + x) are exact to 3e-10."""
LONGEST_TAIL = 0.8
"""Longest decay time after the burst, in units of the episode's length."""
_TAUS = np.geomspace(0.003, 0.15, 8), np.geomspace(0.01, LONGEST_TAIL, 12)
"""Grids of tau before and after the burst, in units of the episode's length; they cover the
priors of `tails_of`."""


class Tails(NamedTuple):
    """The prior of the tails before and after the burst."""

    taus: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Grids of tau, in units of the length of the first or last episode, shape (taus,) each."""
    priors: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Prior weight of each tau and amplitude, shape (taus, amplitudes) each."""
    measured: float
    """Power of the likelihood when the tail is measured, 1 or less."""
    drawn: float
    """Power of the likelihood when the truth of replicas is drawn, 1 or less.

    A block ends where the counts happen to be low, so the counts just outside it are biased against
    a tail. A power below 1 reduces their weight.
    """


def tails_of(before_sigma: float, after_sigma: float) -> Tails:
    """Return the prior of the tails of a burst with the given significance of its ends, in sigma.

    The blocks of a brighter burst contain more of its decay, so the tail outside is a smaller
    fraction of its length. The numbers of the prior were read off simulated bursts
    (``python -m testbench accuracy/tail_prior``); the powers of the likelihood are choices.
    """
    bright = np.clip([before_sigma, after_sigma], 8.0, 400.0) / 60.0
    before = _log_normal(_TAUS[0], 0.015 * bright[0] ** -0.5, 1.0)
    after = 0.84 * _log_normal(_TAUS[1], 0.2 * bright[1] ** -0.3, 0.35 * bright[1] ** -0.25)
    after += 0.16 * _log_normal(_TAUS[1], 0.012 / bright[1], 1.2)
    priors = (before[:, None] * _AMPLITUDE_PRIOR, after[:, None] * _AMPLITUDE_PRIOR)
    return Tails(taus=_TAUS, priors=priors, measured=0.7, drawn=0.3)


def _log_normal(taus: Floats, median: float, spread: float) -> Floats:
    """Return normalised log-normal weights of decay times; `spread` is the sigma of ln(tau)."""
    weights = np.exp(-0.5 * np.square(np.log(taus / median) / spread))
    return np.asarray(weights / weights.sum())


def counts_per_amplitude(distance_s: Floats, tau_s: Floats) -> Floats:
    """Return the integral of exp(-x / tau) over each cell, for every tau of the grid.

    Parameters
    ----------
    distance_s
        Edges of the cells, seconds outwards from the edge of the burst, shape (n + 1,).
    tau_s
        Decay times, seconds, shape (taus,).

    Returns
    -------
    Floats
        Seconds, shape (taus, n).
    """
    tau = tau_s[:, None]
    return np.asarray(np.abs(tau * np.diff(np.exp(-distance_s[None] / tau), axis=1)))


@kernel
def _log_likelihood(counts: float, background: float, variance: float, signal: float) -> float:
    """Return the log likelihood of a signal minus that of none; variance 0 for Poisson counts."""
    if variance > 0.0:
        return signal * (counts - background - 0.5 * signal) / variance
    if counts <= 0.0:
        return -signal
    ratio = signal / background
    if ratio < _SMALL:
        return counts * ratio * (1.0 - ratio * (0.5 - ratio / 3.0)) - signal
    return counts * log(1.0 + ratio) - signal


@kernel
def _background_gain(modes: Floats, joint: Floats, pull: Floats) -> float:
    """Return the log likelihood gained by marginalising over the errors of the background.

    Loops are faster than BLAS for these few modes.
    """
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
    """Return the posterior of tau and amplitude, given the counts outside the edge.

    The background errors are marginalised, because an excess that they can explain is not a tail.
    This treats the noise as Gaussian, with the larger of the observed counts and the expected total
    as its variance: otherwise a signal far above the counts could be compensated by a background
    far below its estimate.

    Parameters
    ----------
    counts, background, variance
        Observed counts, expected background counts and Gaussian variance (0 for Poisson counts) of
        each cell, shape (n,).
    modes
        Independent 1-sigma deviations of the background, counts, shape (modes, n).
    live
        Live time as a fraction of the duration, shape (n,); 0 where nothing was observed.
    shape
        Integrated decay, seconds, from `counts_per_amplitude`, shape (taus, n).
    rate
        Net rate of the block at the edge, counts/s.
    prior
        Prior weights, shape (taus, amplitudes).
    power
        Power to which the likelihood is raised, 1 or less.

    Returns
    -------
    Floats
        Probabilities, shape (taus, amplitudes), sum 1.
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
            weights[t, a] += _background_gain(modes, inverse, pull)
    weights = np.exp(power * (weights - weights.max())) * prior
    normed: Floats = weights / weights.sum()
    return normed


@kernel
def mean_counts(weights: Floats, shape: Floats, rate: float) -> Floats:
    """Return the posterior mean of the counts in each cell at full live time, shape (n,).

    Parameters are those of `posterior`; `weights` is its result.
    """
    strength = weights @ AMPLITUDES * rate
    mean: Floats = strength @ shape
    return mean


@kernel
def add_tail(
    net: Floats, first: int, weights: Floats, shape: Floats, rate: float, chance: float
) -> None:
    """Set the net counts outside an edge to a tail drawn from its posterior.

    Parameters
    ----------
    net
        Net counts of all cells, shape (n,); changed in place.
    first
        Index of the first cell of the tail.
    weights, shape, rate
        Result of `posterior`, and its parameters.
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

"""Kernel of the parametric bootstrap: the whole measurement again on simulated counts."""

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from ._crossings import crossing_times
from ._tails import draw, posterior, posterior_mean

__all__ = ["replicas"]


@kernel
def _noisy(expected: Floats, variance: Floats, rng: np.random.Generator) -> Floats:
    counts = np.empty(expected.size)
    for i in range(expected.size):
        if variance.size > 0:
            counts[i] = expected[i] + np.sqrt(variance[i]) * rng.standard_normal()
        else:
            counts[i] = float(rng.poisson(max(expected[i], 0.0)))
    return counts


@kernel
def _curve(before: Floats, core: Floats, after: Floats) -> Floats:
    """Cumulate the increments of the three parts in order of time."""
    m, n = before.size, core.size
    curve = np.zeros(m + n + after.size + 1)
    for i in range(m):
        curve[i + 1] = curve[i] + before[i]
    for i in range(n):
        curve[m + i + 1] = curve[m + i] + core[i]
    for i in range(after.size):
        curve[m + n + i + 1] = curve[m + n + i] + after[i]
    return curve


@kernel
def _tail_again(
    truth: Floats,
    background: Floats,
    variance: Floats,
    shape: Floats,
    live: Floats,
    rate: float,
    prior: Floats,
    drift: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Simulate the counts of a tail and estimate it from them."""
    counts = _noisy(background + truth * live, variance, rng)
    fitted = background + drift
    if variance.size == 0:
        fitted = np.maximum(fitted, 1e-6)
    weights = posterior(counts, fitted, variance, shape, live, rate, prior)
    return posterior_mean(weights, shape, rate)


@kernel
def replicas(
    time: Floats,
    net: Floats,
    background: Floats,
    variance: Floats,
    fill: Floats,
    scale: Floats,
    modes: Floats,
    tail_background: tuple[Floats, Floats],
    tail_variance: tuple[Floats, Floats],
    tail_shape: tuple[Floats, Floats],
    tail_live: tuple[Floats, Floats],
    tail_rate: tuple[float, float],
    tail_prior: tuple[Floats, Floats],
    tail_modes: tuple[Floats, Floats],
    tail_weights: tuple[Floats, Floats],
    fractions: Floats,
    number: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Measure simulated bursts whose truth is known.

    Parameters
    ----------
    time
        Edges of all cells: tail before, burst, tail after, shape (n + 1,).
    net, background, variance
        Of the burst's cells: expected net counts, background counts and Gaussian variance (empty:
        Poisson).
    fill, scale
        Of the burst's cells: counts that fill gaps, and duration over live time (0: gap).
    modes
        Independent 1-sigma deviations of the fitted background, shape (modes, cells).
    tail_background, tail_variance, tail_shape, tail_live, tail_rate, tail_prior, tail_modes
        The same of the tails (before, after), cells counted outwards from the burst; see
        `posterior`.
    tail_weights
        Posterior of the tails, from which their truth is drawn.
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
    for r in range(number):
        amplitude = np.zeros(modes.shape[0])
        for m in range(modes.shape[0]):
            amplitude[m] = rng.standard_normal()
        drift = np.dot(amplitude, modes)
        before = draw(tail_weights[0], tail_shape[0], tail_rate[0], rng.random())
        after = draw(tail_weights[1], tail_shape[1], tail_rate[1], rng.random())
        truth = _curve(before[::-1], scale * net + fill, after)
        counts = _noisy(net + background, variance, rng)
        core = scale * (counts - background - drift) + fill
        measured = _curve(
            _tail_again(
                before,
                tail_background[0],
                tail_variance[0],
                tail_shape[0],
                tail_live[0],
                tail_rate[0],
                tail_prior[0],
                np.dot(amplitude, tail_modes[0]),
                rng,
            )[::-1],
            core,
            _tail_again(
                after,
                tail_background[1],
                tail_variance[1],
                tail_shape[1],
                tail_live[1],
                tail_rate[1],
                tail_prior[1],
                np.dot(amplitude, tail_modes[1]),
                rng,
            ),
        )
        found[r] = crossing_times(time, measured, fractions) - crossing_times(
            time, truth, fractions
        )
        fluence[r] = measured[-1] - truth[-1]
    return found, fluence

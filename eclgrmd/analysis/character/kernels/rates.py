"""Kernels of a smooth rate of unknown roughness, and of the highest rate that it may have.

The logarithm of the net rate is a Gaussian process with penalised second differences (Rue & Held
2005, Gaussian Markov Random Fields). Its precision has five diagonals, so every step takes a time
in proportion to the number of bins.
"""

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from .pentadiagonal import factorised, lower_solved, upper_solved
from .windows import highest_rate

__all__ = ["peaks_of_posterior"]

_LEVEL = 2.0
"""1-sigma width of the prior of the logarithm of the rate; a choice that allows every shape."""
_ITERATIONS = 25
"""Limit on the steps of Fisher scoring, which usually converges after about seven."""
_LONGEST_STEP = 2.0
"""Largest change of the logarithm of a rate in one step."""
_CLOSE = 0.01
"""Change of the logarithm of all rates below which the iteration ends."""


@kernel
def _precision(bins: int, roughness: float) -> tuple[Floats, Floats, Floats]:
    """Return main diagonal and the two below it of the precision of the prior, shape (n,) each.

    The second difference of neighbours has the variance ``roughness**3``. Weak terms limit the
    level and the slope, so that the prior is proper.
    """
    main, first, second = np.zeros(bins), np.zeros(bins), np.zeros(bins)
    bend, slope = roughness**-3.0, bins / (8.0 * _LEVEL**2)
    for i in range(bins):
        main[i] += 1.0 / (_LEVEL**2 * bins)
        if i > 0:
            main[i] += slope
            main[i - 1] += slope
            first[i] -= slope
    for i in range(1, bins - 1):
        main[i - 1] += bend
        main[i] += 4.0 * bend
        main[i + 1] += bend
        first[i] -= 2.0 * bend
        first[i + 1] -= 2.0 * bend
        second[i + 1] += bend
    return main, first, second


@kernel
def _weigh(
    counts: Floats, background: Floats, error: Floats, live: Floats, log_rate: Floats
) -> tuple[float, Floats, Floats]:
    """Return log likelihood, score and Fisher information of the logarithms of the rates."""
    score, information = np.empty(counts.size), np.empty(counts.size)
    likelihood = 0.0
    for i in range(counts.size):
        net = live[i] * np.exp(log_rate[i])
        mean = net + background[i]
        if error.size > 0:
            variance = error[i] ** 2
            likelihood -= 0.5 * (counts[i] - mean) ** 2 / variance
        else:
            variance = mean
            likelihood += counts[i] * np.log(mean) - mean
        score[i] = (counts[i] - mean) / variance * net
        information[i] = net * net / variance
    return likelihood, score, information


@kernel
def _quadratic(main: Floats, first: Floats, second: Floats, x: Floats) -> float:
    total = 0.0
    for i in range(x.size):
        total += main[i] * x[i] ** 2
        if i > 0:
            total += 2.0 * first[i] * x[i] * x[i - 1]
        if i > 1:
            total += 2.0 * second[i] * x[i] * x[i - 2]
    return total


@kernel
def _fitted(
    counts: Floats,
    background: Floats,
    error: Floats,
    live: Floats,
    middle: float,
    roughness: float,
    log_rate: Floats,
) -> tuple[float, Floats, Floats, Floats]:
    """Move the logarithms of the rates to their mode.

    Returns the logarithm of the evidence (Laplace) and the factor of the posterior's precision.
    """
    main, first, second = _precision(counts.size, roughness)
    prior = factorised(main, first, second)
    for _ in range(_ITERATIONS):
        _, score, information = _weigh(counts, background, error, live, log_rate)
        below, under, left = factorised(main + information, first, second)
        wanted = information * (log_rate - middle) + score
        change = (
            middle
            + upper_solved(below, under, left, lower_solved(below, under, left, wanted))
            - log_rate
        )
        longest = np.abs(change).max()
        log_rate += change * min(1.0, _LONGEST_STEP / max(longest, 1e-300))
        if longest < _CLOSE:
            break
    likelihood, _, information = _weigh(counts, background, error, live, log_rate)
    below, under, left = factorised(main + information, first, second)
    evidence = likelihood - 0.5 * _quadratic(main, first, second, log_rate - middle)
    evidence += np.log(prior[0]).sum() - np.log(below).sum()
    return evidence, below, under, left


@kernel
def peaks_of_posterior(
    counts: Floats,
    background: Floats,
    error: Floats,
    live: Floats,
    bins: int,
    roughnesses: Floats,
    number: int,
    rng: np.random.Generator,
) -> tuple[Floats, float]:
    """Draw the highest rate in windows from the posterior of a smooth rate of unknown roughness.

    Parameters
    ----------
    counts, background
        Counts and expected background of adjacent bins, shape (n,), n >= `bins`.
    error
        Gaussian errors of the counts, shape (n,); empty for Poisson counts.
    live
        Live times of the bins, seconds, shape (n,).
    bins
        Number of bins in a window.
    roughnesses
        Changes of the logarithm of the rate from bin to bin, in equal ratios, shape (k,). Their
        prior is uniform.
    number
        Number of draws.
    rng
        Random number generator.

    Returns
    -------
    tuple
        Highest rates of the draws, counts/s, shape (number,), and the highest one of their mean.
    """
    noise = np.sqrt(counts.sum() if error.size == 0 else (error**2).sum())
    net = max((counts - background).sum(), 2.0 * noise, 1.0)
    middle = np.log(net / live.sum())
    shape = (roughnesses.size, counts.size)
    modes, below, under, left = np.empty(shape), np.empty(shape), np.empty(shape), np.empty(shape)
    log_rate, evidence = np.full(counts.size, middle), np.empty(roughnesses.size)
    for k in range(roughnesses.size):
        evidence[k], below[k], under[k], left[k] = _fitted(
            counts, background, error, live, middle, roughnesses[k], log_rate
        )
        modes[k] = log_rate
    chance = np.cumsum(roughnesses * np.exp(evidence - evidence.max()))
    highest, normal, mean = np.empty(number), np.empty(counts.size), np.zeros(counts.size)
    for draw in range(number):
        k = np.searchsorted(chance, (draw + 0.5) / number * chance[-1])
        for i in range(normal.size):
            normal[i] = rng.standard_normal()
        rate = np.exp(modes[k] + upper_solved(below[k], under[k], left[k], normal))
        highest[draw] = highest_rate(rate, live, bins)
        mean += rate / number
    return highest, highest_rate(mean, live, bins)

"""Kernel of the background fit: Poisson or Gaussian maximum likelihood of linear models."""

from math import log

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.analysis._linear import invert
from eclgrmd.model.observation import Floats

__all__ = ["fit_channels"]

_ITERATIONS = 50
_COUNTS_PER_COEFFICIENT = 10.0
_LEAST_STEP = 1e-6
_LEAST_RATE = 1e-3
_SETTLED = 1e-9


@kernel
def _deviance(counts: Floats, expected: Floats) -> float:
    total = 0.0
    for i in range(counts.size):
        total += 2.0 * (expected[i] - counts[i])
        if counts[i] > 0.0:
            total += 2.0 * counts[i] * log(counts[i] / expected[i])
    return total


@kernel
def _predicted(design: Floats, coefficients: Floats, expected: Floats) -> float:
    """Fill in what the coefficients predict; tell its lowest ratio to the live time."""
    lowest = np.inf
    for i in range(design.shape[0]):
        expected[i] = 0.0
        for a in range(coefficients.size):
            expected[i] += design[i, a] * coefficients[a]
        lowest = min(lowest, expected[i] / design[i, 0])
    return lowest


@kernel
def _fisher_step(
    design: Floats,
    counts: Floats,
    variance: Floats,
    expected: Floats,
    step: Floats,
    covariance: Floats,
) -> bool:
    """Fill in the scoring step and the covariance, the inverse of the Fisher information.

    False: the data cannot tell the coefficients apart.
    """
    n, p = design.shape[0], step.size
    information = np.zeros((p, p))
    score = np.zeros(p)
    for i in range(n):
        for a in range(p):
            weighted = design[i, a] / variance[i]
            score[a] += weighted * (counts[i] - expected[i])
            for b in range(p):
                information[a, b] += weighted * design[i, b]
    if not invert(information, covariance):
        return False
    for a in range(p):
        step[a] = 0.0
        for b in range(p):
            step[a] += covariance[a, b] * score[b]
    return True


@kernel
def _fit_poisson(
    design: Floats,
    counts: Floats,
    coefficients: Floats,
    expected: Floats,
    covariance: Floats,
) -> bool:
    """Maximise the Poisson likelihood by Fisher scoring with step halving.

    Fills in coefficients, expected counts and covariance; False as in `_fisher_step`.
    """
    p = coefficients.size
    live = 0.0
    for i in range(counts.size):
        live += design[i, 0]
    mean = counts.sum() / live
    coefficients[0] = mean
    _predicted(design, coefficients, expected)
    step, trial = np.zeros(p), np.zeros(p)
    for _ in range(_ITERATIONS):
        if not _fisher_step(design, counts, expected, expected, step, covariance):
            return False
        scale, largest = 1.0, 0.0
        while scale > _LEAST_STEP:
            for a in range(p):
                trial[a] = coefficients[a] + scale * step[a]
            if _predicted(design, trial, expected) > _LEAST_RATE * mean:
                break
            scale *= 0.5
        if scale <= _LEAST_STEP:
            _predicted(design, coefficients, expected)
            break
        for a in range(p):
            coefficients[a] = trial[a]
            largest = max(largest, abs(step[a]))
        if largest < _SETTLED * mean:
            break
    return True


@kernel
def _chi_square(counts: Floats, expected: Floats, variance: Floats) -> float:
    total = 0.0
    for i in range(counts.size):
        total += (counts[i] - expected[i]) ** 2 / variance[i]
    return total


@kernel
def _fit_gaussian(
    design: Floats,
    counts: Floats,
    variance: Floats,
    coefficients: Floats,
    expected: Floats,
    covariance: Floats,
) -> bool:
    """Minimise chi-square; fills in and returns the same as `_fit_poisson`."""
    for i in range(counts.size):
        expected[i] = 0.0
    known = _fisher_step(design, counts, variance, expected, coefficients, covariance)
    _predicted(design, coefficients, expected)
    return known


@kernel
def _order_for(total: float, p: int) -> int:
    """Limit the coefficients to what the counts of a channel can tell apart."""
    allowed = int(total / _COUNTS_PER_COEFFICIENT)
    return max(1, min(p, allowed))


@kernel
def _fit_channel(
    design: Floats,
    counts: Floats,
    variance: Floats,
    poisson: bool,
    coefficients: Floats,
    covariance: Floats,
) -> float:
    """Fit one channel; fills in coefficients and covariance, and returns the deviance."""
    expected = np.zeros(counts.size)
    q = coefficients.size
    if poisson:
        if counts.sum() <= 0.0:
            covariance[0, 0] = 1.0 / design[:, 0].sum() ** 2
            return 0.0
        q = _order_for(counts.sum(), q)
    while True:
        best, error = np.zeros(q), np.zeros((q, q))
        if poisson:
            known = _fit_poisson(design, counts, best, expected, error)
        else:
            known = _fit_gaussian(design, counts, variance, best, expected, error)
        if known or q == 1:
            break
        q -= 1
    coefficients[:q] = best
    covariance[:q, :q] = error
    return _deviance(counts, expected) if poisson else _chi_square(counts, expected, variance)


@kernel
def fit_channels(
    design: Floats, counts: Floats, variance: Floats, poisson: bool
) -> tuple[Floats, Floats, Floats]:
    """Fit each channel by maximum likelihood.

    Parameters
    ----------
    design
        Shape (bins, coefficients), first column the live time.
    counts
        Shape (channels, bins).
    variance
        Gaussian variances of the counts, shape (channels, bins); not used where `poisson`.
    poisson
        Poisson likelihood (Cash 1979, ApJ 228, 939); else chi-square.

    Returns
    -------
    tuple
        Coefficients (channels, p), their covariance (channels, p, p), and the deviance
        (channels,). A channel with few counts, or with bins that cannot tell the coefficients
        apart, gets a lower order, the rest of its coefficients are 0; one without counts gets rate
        0 with the error of one count.
    """
    channels, p = counts.shape[0], design.shape[1]
    coefficients = np.zeros((channels, p))
    covariance = np.zeros((channels, p, p))
    statistic = np.zeros(channels)
    for c in range(channels):
        statistic[c] = _fit_channel(
            design, counts[c], variance[c], poisson, coefficients[c], covariance[c]
        )
    return coefficients, covariance, statistic

"""Kernel of the background fit: linear models of Poisson or Gaussian counts, with a prior."""

from math import log

import numpy as np

from eclgrmd.analysis._copy import copy_matrix, copy_to
from eclgrmd.analysis._jit import kernel
from eclgrmd.analysis._linear import invert
from eclgrmd.model.observation import Floats

__all__ = ["fit_channels"]

_ITERATIONS = 50
"""Limit on Fisher-scoring steps; scoring converges quadratically, so it is rarely reached."""
_COUNTS_PER_COEFFICIENT = 10.0
"""Counts that a channel needs per coefficient; a choice that keeps sparse channels from
overfitting."""
_LEAST_STEP = 1e-6
"""Fraction of a scoring step at which step halving gives up."""
_LEAST_RATE = 1e-3
"""Lowest background rate that a step may lead to, as a fraction of the mean rate."""
_SETTLED = 1e-9
"""Largest change of a coefficient, as a fraction of the mean rate, at which the fit has
converged."""


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
    """Fill `expected` with the predicted counts and return the lowest predicted rate, counts/s."""
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
    precision: Floats,
    coefficients: Floats,
    step: Floats,
    covariance: Floats,
) -> bool:
    """Fill `step` with the scoring step and `covariance` with the inverse Fisher information.

    The prior adds its precision to the information. Returns False if neither the data nor the
    prior determine all coefficients.
    """
    n, p = design.shape[0], step.size
    information = np.zeros((p, p))
    score = np.zeros(p)
    for i in range(n):
        for a in range(p):
            weighted = design[i, a] / variance[i]
            if weighted == 0.0:  # before the knot of this column
                continue
            score[a] += weighted * (counts[i] - expected[i])
            for b in range(a + 1):
                information[a, b] += weighted * design[i, b]
    for a in range(p):
        score[a] -= precision[a] * coefficients[a]
        information[a, a] += precision[a]
        for b in range(a):
            information[b, a] = information[a, b]
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
    precision: Floats,
    coefficients: Floats,
    expected: Floats,
    covariance: Floats,
) -> bool:
    """Maximise the Poisson likelihood by Fisher scoring with step halving.

    Fills `coefficients`, `expected` and `covariance`; returns False as `_fisher_step` does.
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
        if not _fisher_step(
            design, counts, expected, expected, precision, coefficients, step, covariance
        ):
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
    precision: Floats,
    coefficients: Floats,
    expected: Floats,
    covariance: Floats,
) -> bool:
    """Minimise chi-square; fill the same arrays and return the same as `_fit_poisson`."""
    for i in range(counts.size):
        expected[i] = 0.0
    origin = np.zeros(coefficients.size)
    determined = _fisher_step(
        design, counts, variance, expected, precision, origin, coefficients, covariance
    )
    _predicted(design, coefficients, expected)
    return determined


@kernel
def _order_for(total: float, p: int) -> int:
    """Return the number of coefficients, at most p, that a channel's total counts can constrain."""
    allowed = int(total / _COUNTS_PER_COEFFICIENT)
    return max(1, min(p, allowed))


@kernel
def _fit_channel(
    design: Floats,
    counts: Floats,
    variance: Floats,
    poisson: bool,
    precision: Floats,
    coefficients: Floats,
    covariance: Floats,
) -> float:
    """Fit one channel: fill `coefficients` and `covariance`, and return the deviance.

    The number of coefficients is reduced until the fit is determined.
    """
    expected = np.zeros(counts.size)
    q = coefficients.size
    if poisson:
        if counts.sum() <= 0.0:
            covariance[0, 0] = 1.0 / design[:, 0].sum() ** 2
            return 0.0
        if precision[q - 1] == 0.0:
            q = _order_for(counts.sum(), q)
    while True:
        best, error = np.zeros(q), np.zeros((q, q))
        if poisson:
            determined = _fit_poisson(design, counts, precision, best, expected, error)
        else:
            determined = _fit_gaussian(design, counts, variance, precision, best, expected, error)
        if determined or q == 1:
            break
        q -= 1
    copy_to(coefficients, best)
    copy_matrix(covariance, error)
    return _deviance(counts, expected) if poisson else _chi_square(counts, expected, variance)


@kernel
def fit_channels(
    design: Floats, counts: Floats, variance: Floats, poisson: bool, precision: Floats
) -> tuple[Floats, Floats, Floats]:
    """Fit each channel by maximum likelihood.

    Parameters
    ----------
    design
        Model matrix, shape (bins, coefficients); the first column is the live time, seconds.
    counts
        Observed counts, shape (channels, bins).
    variance
        Gaussian variances of the counts, shape (channels, bins); ignored if `poisson`.
    poisson
        Use the Poisson likelihood (Cash 1979, ApJ 228, 939); otherwise chi-square.
    precision
        Precision of the Gaussian prior of each coefficient about 0, shape (channels,
        coefficients), or (1, coefficients) for all channels; 0: the coefficient is free.

    Returns
    -------
    tuple
        Coefficients (channels, p), their covariance (channels, p, p), and the deviance
        (channels,). A channel with few counts, or whose bins do not determine all coefficients, is
        fitted with fewer of them and the others are 0. A channel without counts has rate 0 with
        the error of one count.
    """
    channels, p = counts.shape[0], design.shape[1]
    coefficients = np.zeros((channels, p))
    covariance = np.zeros((channels, p, p))
    statistic = np.zeros(channels)
    for c in range(channels):
        statistic[c] = _fit_channel(
            design,
            counts[c],
            variance[c],
            poisson,
            precision[min(c, precision.shape[0] - 1)],
            coefficients[c],
            covariance[c],
        )
    return coefficients, covariance, statistic

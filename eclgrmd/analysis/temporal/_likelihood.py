"""Kernel of the background fit: Poisson or Gaussian maximum likelihood of linear models."""

from math import log

import numpy as np

from eclgrmd.analysis._jit import kernel
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
def _inverse(matrix: Floats) -> Floats:
    """Invert a small positive definite matrix (Gauss-Jordan; LAPACK would take longer to load)."""
    p = matrix.shape[0]
    left, right = matrix.copy(), np.zeros((p, p))
    for k in range(p):
        right[k, k] = 1.0
    for k in range(p):
        pivot = left[k, k]
        for c in range(p):
            left[k, c] /= pivot
            right[k, c] /= pivot
        for r in range(p):
            if r != k:
                factor = left[r, k]
                for c in range(p):
                    left[r, c] -= factor * left[k, c]
                    right[r, c] -= factor * right[k, c]
    return right


@kernel
def _fisher_step(
    design: Floats, counts: Floats, variance: Floats, expected: Floats, step: Floats
) -> Floats:
    """Fill in the scoring step; give the covariance, the inverse of the Fisher information."""
    n, p = design.shape[0], step.size
    information = np.zeros((p, p))
    score = np.zeros(p)
    for i in range(n):
        for a in range(p):
            weighted = design[i, a] / variance[i]
            score[a] += weighted * (counts[i] - expected[i])
            for b in range(p):
                information[a, b] += weighted * design[i, b]
    covariance = _inverse(information)
    for a in range(p):
        step[a] = 0.0
        for b in range(p):
            step[a] += covariance[a, b] * score[b]
    return covariance


@kernel
def _fit_poisson(
    design: Floats, counts: Floats, total: float, coefficients: Floats, expected: Floats
) -> Floats:
    """Maximise the Poisson likelihood by Fisher scoring with step halving; give the covariance."""
    p = coefficients.size
    live = 0.0
    for i in range(counts.size):
        live += design[i, 0]
    mean = total / live
    coefficients[0] = mean
    _predicted(design, coefficients, expected)
    step, trial = np.zeros(p), np.zeros(p)
    covariance = np.zeros((p, p))
    for _ in range(_ITERATIONS):
        covariance = _fisher_step(design, counts, expected, expected, step)
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
    return covariance


@kernel
def _fit_gaussian(
    design: Floats, counts: Floats, variance: Floats, coefficients: Floats, expected: Floats
) -> tuple[Floats, float]:
    """Minimise chi-square; give the covariance and the chi-square."""
    for i in range(counts.size):
        expected[i] = 0.0
    covariance = _fisher_step(design, counts, variance, expected, coefficients)
    _predicted(design, coefficients, expected)
    chi_square = 0.0
    for i in range(counts.size):
        chi_square += (counts[i] - expected[i]) ** 2 / variance[i]
    return covariance, chi_square


@kernel
def _order_for(total: float, p: int) -> int:
    """Limit the coefficients to what the counts of a channel can tell apart."""
    allowed = int(total / _COUNTS_PER_COEFFICIENT)
    return max(1, min(p, allowed))


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
        (channels,). A channel with few counts gets a lower order, the rest of its coefficients
        are 0; one without counts gets rate 0 with the error of one count.
    """
    channels, bins = counts.shape
    p = design.shape[1]
    coefficients = np.zeros((channels, p))
    covariance = np.zeros((channels, p, p))
    statistic = np.zeros(channels)
    expected = np.zeros(bins)
    live = 0.0
    for i in range(bins):
        live += design[i, 0]
    for c in range(channels):
        total, q = 0.0, p
        for i in range(bins):
            total += counts[c, i]
        if poisson:
            if total <= 0.0:
                covariance[c, 0, 0] = 1.0 / live**2
                continue
            q = _order_for(total, p)
        best = np.zeros(q)
        if poisson:
            error = _fit_poisson(design, counts[c], total, best, expected)
            statistic[c] = _deviance(counts[c], expected)
        else:
            error, statistic[c] = _fit_gaussian(design, counts[c], variance[c], best, expected)
        for a in range(q):
            coefficients[c, a] = best[a]
            for b in range(q):
                covariance[c, a, b] = error[a, b]
    return coefficients, covariance, statistic

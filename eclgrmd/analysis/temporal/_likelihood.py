"""Kernel of the background fit: Poisson or Gaussian maximum likelihood of linear models."""

from math import log

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["fit_channels"]

_ITERATIONS = 50
_COUNTS_PER_COEFFICIENT = 10.0


@kernel
def _deviance(counts: Floats, expected: Floats) -> float:
    total = 0.0
    for i in range(counts.size):
        total += 2.0 * (expected[i] - counts[i])
        if counts[i] > 0.0:
            total += 2.0 * counts[i] * log(counts[i] / expected[i])
    return total


@kernel
def _fisher_step(
    design: Floats, counts: Floats, variance: Floats, expected: Floats
) -> tuple[Floats, Floats]:
    """Give the scoring step and the Fisher information."""
    n, p = design.shape
    information = np.zeros((p, p))
    score = np.zeros(p)
    for i in range(n):
        for a in range(p):
            weighted = design[i, a] / variance[i]
            score[a] += weighted * (counts[i] - expected[i])
            for b in range(a + 1):
                information[a, b] += weighted * design[i, b]
    for a in range(p):
        for b in range(a):
            information[b, a] = information[a, b]
    step: Floats = np.linalg.solve(information, score).astype(np.float64)
    return step, information


@kernel
def _fit_poisson(design: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Maximise the Poisson likelihood of ``design @ c`` by Fisher scoring with step halving."""
    p = design.shape[1]
    exposure = design[:, 0].sum()
    coefficients = np.zeros(p)
    coefficients[0] = counts.sum() / exposure
    expected = np.dot(design, coefficients)
    floor = 1e-3 * coefficients[0] * design[:, 0]
    information = np.zeros((p, p))
    for _ in range(_ITERATIONS):
        step, information = _fisher_step(design, counts, expected, expected)
        scale = 1.0
        trial = np.dot(design, coefficients + step)
        while np.any(trial < floor) and scale > 1e-6:
            scale *= 0.5
            trial = np.dot(design, coefficients + scale * step)
        if scale <= 1e-6:
            break
        coefficients = coefficients + scale * step
        expected = trial
        if np.max(np.abs(step)) < 1e-9 * coefficients[0]:
            break
    covariance: Floats = np.linalg.inv(information).astype(np.float64)
    return coefficients, covariance, expected


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
    for c in range(channels):
        if poisson:
            total = counts[c].sum()
            if total <= 0.0:
                covariance[c, 0, 0] = 1.0 / design[:, 0].sum() ** 2
                continue
            q = _order_for(total, p)
            part = np.ascontiguousarray(design[:, :q])
            best, error, expected = _fit_poisson(part, counts[c])
            statistic[c] = _deviance(counts[c], expected)
        else:
            q = p
            best, information = _fisher_step(design, counts[c], variance[c], np.zeros(bins))
            error = np.linalg.inv(information)
            residual = counts[c] - np.dot(design, best)
            statistic[c] = np.sum(residual * residual / variance[c])
        coefficients[c, :q] = best
        covariance[c, :q, :q] = error
    return coefficients, covariance, statistic

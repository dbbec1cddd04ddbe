"""Kernels that average a background over how rough it may be."""

from math import log, sqrt

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.analysis._linear import cholesky
from eclgrmd.model.observation import Floats

from .likelihood import fit_channels

__all__ = ["fit_averaged", "roughness_chances"]

_LEAST_CHANCE = 0.02


@kernel
def _log_determinant(matrix: Floats) -> float:
    """Return the logarithm of the determinant of a positive definite matrix.

    It is minus infinity if an element of the diagonal is 0.
    """
    p = matrix.shape[0]
    scale, scaled, factor = np.empty(p), np.empty((p, p)), np.zeros((p, p))
    for a in range(p):
        if matrix[a, a] == 0.0:
            return -np.inf
        scale[a] = sqrt(matrix[a, a])
    for a in range(p):
        for b in range(p):
            scaled[a, b] = matrix[a, b] / (scale[a] * scale[b])
    cholesky(scaled, factor)
    from_factor, from_scale = 0.0, 0.0
    for a in range(p):
        from_factor += log(factor[a, a])
        from_scale += log(scale[a])
    return 2.0 * (from_factor + from_scale)


@kernel
def roughness_chances(
    design: Floats, counts: Floats, variance: Floats, poisson: bool, precisions: Floats
) -> Floats:
    """Return the posterior probability of each roughness, with equal prior probabilities.

    Without counts it is the lowest one.

    The evidence is that of Laplace's approximation (Tierney & Kadane 1986, JASA 81, 82).
    Probabilities below 2 % are set to 0.

    Parameters
    ----------
    design, counts, variance, poisson
        As in `fit_channels`, with one channel.
    precisions
        Prior precision of each coefficient for each roughness, shape (k, coefficients).

    Returns
    -------
    Floats
        Shape (k,), sum 1.
    """
    k = precisions.shape[0]
    evidence = np.zeros(k)
    if poisson and counts.sum() <= 0.0:
        evidence[1:] = -np.inf
        k = 0
    for r in range(k):
        best, covariance, deviance = fit_channels(
            design, counts, variance, poisson, precisions[r : r + 1]
        )
        prior = 0.0
        for a in range(best.shape[1]):
            if precisions[r, a] > 0.0:
                prior += np.log(precisions[r, a]) - precisions[r, a] * best[0, a] ** 2
        evidence[r] = 0.5 * (prior - deviance[0] + _log_determinant(covariance[0]))
    chances = np.exp(evidence - evidence.max())
    least = _LEAST_CHANCE * chances.sum()
    for r in range(chances.size):
        if chances[r] < least:
            chances[r] = 0.0
    normed: Floats = chances / chances.sum()
    return normed


@kernel
def fit_averaged(
    design: Floats,
    counts: Floats,
    variance: Floats,
    poisson: bool,
    precisions: Floats,
    scale: Floats,
    chances: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Fit each channel with every roughness that has a chance, and average the fits.

    Parameters
    ----------
    design, counts, variance, poisson
        As in `fit_channels`.
    precisions
        Prior precision of each coefficient, in units of the channel's scale, for each roughness,
        shape (k, coefficients).
    scale
        Of the rate of each channel, counts/s, shape (channels,).
    chances
        Probability of each roughness, shape (k,).

    Returns
    -------
    tuple
        Mean coefficients (channels, p), their covariance (channels, p, p), which contains the
        spread between the roughnesses (Hoeting et al. 1999, Stat. Sci. 14, 382), and the mean
        deviance (channels,).
    """
    channels, p = counts.shape[0], design.shape[1]
    coefficients, statistic = np.zeros((channels, p)), np.zeros(channels)
    covariance = np.zeros((channels, p, p))
    for k in range(chances.size):
        if chances[k] == 0.0:
            continue
        precision = precisions[k] / (scale**2).reshape((-1, 1))
        one, error, deviance = fit_channels(design, counts, variance, poisson, precision)
        for c in range(channels):
            statistic[c] += chances[k] * deviance[c]
            for a in range(p):
                coefficients[c, a] += chances[k] * one[c, a]
                for b in range(p):
                    covariance[c, a, b] += chances[k] * (error[c, a, b] + one[c, a] * one[c, b])
    for c in range(channels):
        for a in range(p):
            for b in range(p):
                covariance[c, a, b] -= coefficients[c, a] * coefficients[c, b]
    return coefficients, covariance, statistic

"""Kernels that average a background fit over the orders of its polynomial."""

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from .likelihood import fit_channels

__all__ = ["fit_averaged", "order_chances"]

_LEAST_CHANCE = 0.02
"""Posterior probability below which an order is dropped from the average; a choice."""


@kernel
def order_chances(
    design: Floats, counts: Floats, variance: Floats, poisson: bool, least: int, penalty: float
) -> Floats:
    """Return the posterior probability of each polynomial order.

    The probabilities are exp(-BIC / 2), normalised (Schwarz 1978, Ann. Stat. 6, 461; Raftery 1995,
    Sociol. Methodol. 25, 111). They are set to 0 below 2 %, and for orders that the data do not
    constrain.

    Parameters
    ----------
    design, counts, variance, poisson
        See `fit_channels`; one channel.
    least
        Smallest number of coefficients; the models use `least` to all columns of `design`.
    penalty
        Penalty on the deviance per coefficient: ln(bins).

    Returns
    -------
    Floats
        Shape (coefficients,): element k is the probability of order k.
    """
    p = design.shape[1]
    scores = np.full(p, np.inf)
    for q in range(least, p + 1):
        part = np.ascontiguousarray(design[:, :q])
        _, covariance, deviance = fit_channels(part, counts, variance, poisson)
        if (
            q == least or covariance[0, q - 1, q - 1] > 0.0
        ):  # else the fit fell back to a lower order
            scores[q - 1] = deviance[0] + q * penalty
    chances = np.exp(-0.5 * (scores - scores.min()))
    total = chances.sum()
    for k in range(p):
        if chances[k] < _LEAST_CHANCE * total:
            chances[k] = 0.0
    normed: Floats = chances / chances.sum()
    return normed


@kernel
def fit_averaged(
    design: Floats, counts: Floats, variance: Floats, poisson: bool, chances: Floats
) -> tuple[Floats, Floats, Floats]:
    """Fit each channel with every order of non-zero probability, and average the fits.

    Parameters
    ----------
    design, counts, variance, poisson
        See `fit_channels`.
    chances
        Posterior probability of each order, from `order_chances`, shape (orders,).

    Returns
    -------
    tuple
        Mean coefficients (channels, p), where p - 1 is the highest order of non-zero probability;
        their covariance (channels, p, p), which includes the spread between the orders (Hoeting et
        al. 1999, Stat. Sci. 14, 382); and the mean deviance (channels,).
    """
    channels, p = counts.shape[0], np.flatnonzero(chances)[-1] + 1
    coefficients, statistic = np.zeros((channels, p)), np.zeros(channels)
    covariance = np.zeros((channels, p, p))
    for k in range(p):
        if chances[k] == 0.0:
            continue
        part = np.ascontiguousarray(design[:, : k + 1])
        one, error, deviance = fit_channels(part, counts, variance, poisson)
        for c in range(channels):
            statistic[c] += chances[k] * deviance[c]
            for a in range(k + 1):
                coefficients[c, a] += chances[k] * one[c, a]
                for b in range(k + 1):
                    covariance[c, a, b] += chances[k] * (error[c, a, b] + one[c, a] * one[c, b])
    for c in range(channels):
        for a in range(p):
            for b in range(p):
                covariance[c, a, b] -= coefficients[c, a] * coefficients[c, b]
    return coefficients, covariance, statistic

"""Kernel for the significance of blocks above a background that is itself uncertain."""

from math import log, sqrt

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["excess_sigma"]


@kernel
def excess_sigma(counts: Floats, background: Floats, uncertain: Floats, variance: Floats) -> Floats:
    """Return the significance of the excess of each block, in sigma, shape (b,).

    For Poisson counts it is the signed root of the deviance, reduced by the ratio of the background
    to the background plus its variance; for Gaussian counts the excess over its error.

    Parameters
    ----------
    counts, background
        Observed and expected background counts, shape (b,).
    uncertain
        Variance of the expected background, shape (b,).
    variance
        Gaussian variance of the counts, shape (b,); 0 for Poisson counts.
    """
    sigma = np.zeros(counts.size)
    for b in range(counts.size):
        excess = counts[b] - background[b]
        if variance[b] > 0.0:
            sigma[b] = excess / sqrt(variance[b] + uncertain[b])
            continue
        gain = counts[b] * log(counts[b] / background[b]) if counts[b] > 0.0 else 0.0
        deviance = 2.0 * max(gain - counts[b] + background[b], 0.0)
        deviance *= background[b] / (background[b] + uncertain[b])
        sigma[b] = sqrt(deviance) if excess > 0.0 else -sqrt(deviance)
    return sigma

"""Kernel of the significance of blocks over a background that is itself uncertain."""

from math import log, sqrt

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["excess_sigma"]


@kernel
def excess_sigma(counts: Floats, background: Floats, uncertain: Floats, variance: Floats) -> Floats:
    """Compute the significance of the excess of each block, in sigma, shape (b,).

    Parameters
    ----------
    counts, background
        Observed and expected background counts.
    uncertain
        Variance of the expected background.
    variance
        Gaussian variance of the counts; 0: they are Poisson.
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

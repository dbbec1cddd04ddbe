"""Significance of an excess of counts above a background that is itself uncertain."""

from math import log, sqrt

import numpy as np

__all__ = ["significance_gaussian_background"]


def significance_gaussian_background(counts: float, background: float, error: float) -> float:
    """Return the significance of Poisson counts above a background with Gaussian error.

    It is the profile likelihood ratio of Vianello 2018 (ApJS 236, 17), equation 7.

    Parameters
    ----------
    counts
        Observed counts.
    background, error
        Expected background counts and their 1-sigma error.

    Returns
    -------
    float
        Significance in sigma; negative for a deficit.
    """
    if error <= 0.0:
        best = background
        spread = 0.0
    else:
        variance = error**2
        best = 0.5 * (
            background - variance + sqrt((background - variance) ** 2 + 4.0 * counts * variance)
        )
        spread = (best - background) ** 2 / variance
    if best <= 0.0:
        return float(np.inf) if counts > 0 else 0.0
    poisson = 2.0 * ((counts * log(counts / best) if counts > 0 else 0.0) + best - counts)
    return float(np.sign(counts - background)) * sqrt(max(poisson + spread, 0.0))

"""Significance of an excess of counts above a background that is itself uncertain."""

import numpy as np
from numpy.typing import ArrayLike

from eclgrmd.model.observation import Floats

__all__ = ["significance_gaussian_background"]


def significance_gaussian_background(
    counts: ArrayLike, background: ArrayLike, error: ArrayLike
) -> Floats:
    """Return the significance of Poisson counts above a background with Gaussian error.

    It is the profile likelihood ratio of Vianello 2018 (ApJS 236, 17), equation 7.

    Parameters
    ----------
    counts
        Observed counts, of any shape.
    background, error
        Expected background counts and their 1-sigma error, of the same shape.

    Returns
    -------
    Floats
        Significance in sigma, of the same shape; negative for a deficit.
    """
    counts, background = np.asarray(counts, float), np.asarray(background, float)
    variance = np.square(np.maximum(error, 0.0))
    best = np.hypot(background - variance, 2.0 * np.sqrt(counts * variance))
    best = 0.5 * (background - variance + best)
    with np.errstate(divide="ignore", invalid="ignore"):
        poisson = np.where(counts > 0.0, counts * np.log(counts / best), 0.0) + best - counts
        spread = np.where(variance > 0.0, np.square(best - background) / variance, 0.0)
        sigma = np.sign(counts - background) * np.sqrt(np.maximum(2.0 * poisson + spread, 0.0))
    return np.where(best > 0.0, sigma, np.where(counts > 0.0, np.inf, 0.0))

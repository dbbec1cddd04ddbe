"""Kernels of the cross-correlation of two light curves and the position of its peak."""

from math import nan, sqrt

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["correlate", "fit_peak", "replica_lags"]

_TURNS = 5
"""Limit on the iterations that centre the fit range on the peak; a choice."""


@kernel
def correlate(soft: Floats, hard: Floats, first: int, last: int) -> Floats:
    """Return the sum of hard[i] * soft[i + k] for lags k from first to last (Band 1997).

    The sum is not normalised.

    Parameters
    ----------
    soft, hard
        Net counts on the same regular grid, shape (n,).
    first, last
        Smallest and largest lag, bins; positive if the soft band comes later.

    Returns
    -------
    Floats
        Shape (last - first + 1,).
    """
    n = soft.size
    curve = np.empty(last - first + 1)
    for k in range(first, last + 1):
        begin, end = max(0, -k), min(n, n - k)
        curve[k - first] = np.dot(hard[begin:end], soft[begin + k : end + k])
    return curve


@kernel
def _peak_of_cubic(coefficients: Floats) -> float:
    """Return the position of the maximum of a cubic between -1 and 1, or NaN if there is none."""
    _, b, c, d = coefficients
    root = 4.0 * c * c - 12.0 * d * b
    if root < 0.0:
        return nan
    # the root with negative curvature, in the form that stays exact as d goes to 0
    bottom = -2.0 * c + sqrt(root)
    if bottom <= 0.0:
        return nan
    x = 2.0 * b / bottom
    return x if abs(x) <= 1.0 else nan


@kernel
def fit_peak(curve: Floats, centre: int, inverse: Floats) -> float:
    """Fit a cubic to the peak of a curve and return the position of its maximum.

    The fit range is moved until it is centred on the peak. A cubic is only an approximation of the
    peak, so a range off the peak would bias the result towards the middle of the range.

    Parameters
    ----------
    curve
        Cross-correlation at consecutive lags, shape (n,).
    centre
        Index at which the fit range is centred first.
    inverse
        Pseudo-inverse that maps the values in the range to the coefficients of a cubic in x from
        -1 to 1, shape (4, 2 half + 1).

    Returns
    -------
    float
        Index of the peak, with a fraction; NaN if there is none.
    """
    half = (inverse.shape[1] - 1) // 2
    peak = nan
    for _ in range(_TURNS):
        centre = min(max(centre, half), curve.size - 1 - half)
        part = curve[centre - half : centre + half + 1]
        peak = centre + half * _peak_of_cubic(np.dot(inverse, part))
        if np.isnan(peak) or round(peak) == centre:
            break
        centre = round(peak)
    return peak


@kernel
def _noisy(counts: Floats, background: Floats, error: Floats, rng: np.random.Generator) -> Floats:
    net = np.zeros(counts.size)
    for i in range(counts.size):
        if error.size > 0:
            net[i] = counts[i] + error[i] * rng.standard_normal() - background[i]
        elif counts[i] > 0.0:
            net[i] = float(rng.poisson(counts[i])) - background[i]
        else:
            net[i] = -background[i]
    return net


@kernel
def replica_lags(
    soft: Floats,
    soft_background: Floats,
    soft_error: Floats,
    hard: Floats,
    hard_background: Floats,
    hard_error: Floats,
    first: int,
    last: int,
    centre: int,
    inverse: Floats,
    number: int,
    rng: np.random.Generator,
) -> Floats:
    """Measure the lag of simulated pairs of light curves: the observed counts with noise added.

    Parameters
    ----------
    soft, soft_background, hard, hard_background
        Counts and expected background counts on the same regular grid, shape (n,).
    soft_error, hard_error
        Gaussian errors of the counts, shape (n,); empty for Poisson counts.
    first, last
        Smallest and largest lag, bins.
    centre
        Index at which the fit of the peak starts, bins after `first`.
    inverse
        See `fit_peak`.
    number
        Number of replicas.
    rng
        Random number generator.

    Returns
    -------
    Floats
        Lags, bins after `first`, shape (number,); NaN where there is no peak.
    """
    lags = np.empty(number)
    for k in range(number):
        s = _noisy(soft, soft_background, soft_error, rng)
        h = _noisy(hard, hard_background, hard_error, rng)
        lags[k] = fit_peak(correlate(s, h, first, last), centre, inverse)
    return lags

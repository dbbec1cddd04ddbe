"""Kernel of the Haar-wavelet structure function of a light curve."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["structure_function"]

Ints = NDArray[np.int64]


@kernel
def structure_function(net: Floats, variance: Floats, widths: Ints) -> tuple[Floats, Floats]:
    """Return the Haar structure function: the mean squared change between adjacent windows.

    It is the mean square of the undecimated Haar coefficients (right window minus left window),
    divided by the mean square of the counts of a window, both with the noise subtracted.

    Parameters
    ----------
    net
        Net counts on a regular grid, shape (n,).
    variance
        Variance of the noise in each bin, shape (n,).
    widths
        Widths of the windows in bins, shape (k,).

    Returns
    -------
    tuple
        Squared fractional variation at each width and its 1-sigma error, shape (k,) each; NaN
        where the curve is too short or has no power. The error counts overlapping windows as one
        independent measurement.
    """
    n = net.size
    counts, noise = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        counts[i + 1] = counts[i] + net[i]
        noise[i + 1] = noise[i] + variance[i]
    value, error = np.full(widths.size, np.nan), np.full(widths.size, np.nan)
    for k in range(widths.size):
        m = widths[k]
        change, spread, power = 0.0, 0.0, 0.0
        for i in range(n - 2 * m + 1):
            left, right = counts[i + m] - counts[i], counts[i + 2 * m] - counts[i + m]
            v = noise[i + 2 * m] - noise[i]
            h = (right - left) ** 2 - v
            change += h
            spread += 2.0 * v * v + 4.0 * v * max(h, 0.0)
            power += 0.25 * ((left + right) ** 2 - v)
        if n >= 2 * m and power > 0.0:
            value[k] = change / power
            error[k] = np.sqrt(spread * 2.0 * m) / power
    return value, error

"""Kernels that find the highest rate in a sliding window."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["best_window", "highest_rate"]

Ints = NDArray[np.int64]


@kernel
def best_window(net: Floats, live: Floats, group: Ints, bins: int) -> tuple[int, float]:
    """Return the window with the highest rate.

    Parameters
    ----------
    net, live
        Net counts and live times (seconds) of the bins, shape (n,).
    group
        Index of the gap-free stretch that each bin belongs to, shape (n,).
    bins
        Number of bins in a window.

    Returns
    -------
    tuple
        First bin of the window and its rate, counts/s; -1 and minus infinity if no gap-free
        stretch is long enough.
    """
    found, highest = -1, -np.inf
    counts, time = 0.0, 0.0
    for i in range(net.size):
        counts += net[i]
        time += live[i]
        if i >= bins:
            counts -= net[i - bins]
            time -= live[i - bins]
        first = i - bins + 1
        if first >= 0 and group[first] == group[i] and counts > highest * time:
            found, highest = first, counts / time
    return found, highest


@kernel
def highest_rate(rate: Floats, live: Floats, bins: int) -> float:
    """Return the highest mean of adjacent rates, weighted by live time; 0 without a window.

    Parameters
    ----------
    rate, live
        Rates and live times of the bins, shape (n,).
    bins
        Number of bins in a window.
    """
    highest, total, time = 0.0, 0.0, 0.0
    for i in range(rate.size):
        total += rate[i] * live[i]
        time += live[i]
        if i >= bins:
            total -= rate[i - bins] * live[i - bins]
            time -= live[i - bins]
        if i >= bins - 1 and total > highest * time:
            highest = total / time
    return highest

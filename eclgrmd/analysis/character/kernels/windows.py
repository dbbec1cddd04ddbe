"""Kernels that find the highest rate in a sliding window, in measured and simulated curves."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["best_window", "largest_rates"]

Ints = NDArray[np.int64]

_NEAR_SIGMA = 7.0
"""Windows whose rate lies farther below the highest one, in its error, are not simulated: noise
practically never makes them the highest."""


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
def _near(net: Floats, variance: Floats, live: Floats, group: Ints, bins: int) -> NDArray[np.bool_]:
    """Mark the bins of windows whose rate noise could make the highest, shape (n,)."""
    first, highest = best_window(net, live, group, bins)
    noise = np.sqrt(variance[first : first + bins].sum()) / live[first : first + bins].sum()
    near = np.zeros(net.size, np.bool_)
    for i in range(net.size - bins + 1):
        if group[i] != group[i + bins - 1]:
            continue
        rate = net[i : i + bins].sum() / live[i : i + bins].sum()
        if rate > highest - _NEAR_SIGMA * noise:
            near[i : i + bins] = True
    return near


@kernel
def largest_rates(
    model: Floats,
    background: Floats,
    error: Floats,
    live: Floats,
    group: Ints,
    bins: int,
    number: int,
    rng: np.random.Generator,
) -> Floats:
    """Return the highest rate in each of many simulated light curves.

    Parameters
    ----------
    model, background
        Expected net and background counts of each bin, shape (n,).
    error
        Gaussian errors of the counts, shape (n,); empty for Poisson counts.
    live, group, bins
        See `best_window`.
    number
        Number of simulations.
    rng
        Random number generator.

    Returns
    -------
    Floats
        Counts/s, shape (number,).
    """
    gaussian = error.size > 0
    expected = np.maximum(model + background, 0.0)
    near = _near(model, error**2 if gaussian else expected, live, group, bins)
    net = model.copy()
    highest = np.empty(number)
    for k in range(number):
        for i in range(model.size):
            if not near[i]:
                continue
            if gaussian:
                net[i] = model[i] + error[i] * rng.standard_normal()
            else:
                net[i] = float(rng.poisson(expected[i])) - background[i]
        _, highest[k] = best_window(net, live, group, bins)
    return highest

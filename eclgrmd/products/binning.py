"""Rebinning for figures and pictures; measurements use the original bins."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["grouped", "significant_groups", "time_groups"]

Starts = NDArray[np.intp]


def grouped(values: Floats, starts: Starts) -> Floats:
    """Return the sums of values over groups that begin at the indices `starts`."""
    if len(starts) == 0:
        return np.empty(0)
    return np.asarray(np.add.reduceat(values, starts), dtype=np.float64)


def time_groups(start_s: Floats, stop_s: Floats, width_s: float) -> Starts:
    """Return groups of adjacent bins of a given width that do not span gaps.

    Parameters
    ----------
    start_s, stop_s
        Bin edges in order of time, seconds, shape (n,).
    width_s
        Largest width of a group, seconds; wider bins form their own group.

    Returns
    -------
    Starts
        Index of the first bin of each group.
    """
    if len(start_s) == 0:
        return np.empty(0, dtype=np.intp)
    tolerance = 1e-3 * float(np.min(stop_s - start_s))
    starts = [0]
    for i in range(1, len(start_s)):
        gap = start_s[i] - stop_s[i - 1] > tolerance
        full = stop_s[i] - start_s[starts[-1]] > width_s + tolerance
        if gap or full:
            starts.append(i)
    return np.array(starts, dtype=np.intp)


def significant_groups(
    signal: Floats, variance: Floats, edges_ratio: Floats, *, sigma: float, most: float
) -> Starts:
    """Return groups of adjacent channels with a significant signal.

    Parameters
    ----------
    signal, variance
        Net counts and their variance per channel, shape (n,).
    edges_ratio
        Natural logarithm of the ratio of upper to lower edge of each channel, shape (n,).
    sigma
        Ratio of signal to error at which a group is complete.
    most
        Width in ln(energy) at which a group is complete in any case.

    Returns
    -------
    Starts
        Index of the first channel of each group.
    """
    starts: list[int] = []
    total = spread = width = 0.0
    closed = True
    for i in range(len(signal)):
        if closed:
            starts.append(i)
            total = spread = width = 0.0
        total, spread, width = (
            total + signal[i],
            spread + variance[i],
            width + edges_ratio[i],
        )
        closed = total > sigma * np.sqrt(spread) > 0 or width >= most
    return np.array(starts, dtype=np.intp)

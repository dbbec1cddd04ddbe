"""Coarser bins for the eye: what is measured is never rebinned, what is drawn is."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["grouped", "significant_groups", "time_groups"]

Starts = NDArray[np.intp]


def grouped(values: Floats, starts: Starts) -> Floats:
    """Sum values over groups that begin at the indices `starts`; empty stays empty."""
    if len(starts) == 0:
        return np.empty(0)
    return np.asarray(np.add.reduceat(values, starts), dtype=np.float64)


def time_groups(start_s: Floats, stop_s: Floats, width_s: float) -> Starts:
    """Group neighbouring bins until they span about `width_s`, never across a gap.

    Parameters
    ----------
    start_s, stop_s
        Bins, sorted, seconds, shape (n,).
    width_s
        Width aimed at, seconds; bins that are wider stay as they are.

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
    """Group neighbouring channels until the signal stands out of its error.

    Parameters
    ----------
    signal, variance
        Net counts and their variance per channel, shape (n,).
    edges_ratio
        Natural logarithm of upper over lower edge of each channel, shape (n,).
    sigma
        Signal over error at which a group is closed.
    most
        Width in natural logarithm of energy at which a group is closed anyway.

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

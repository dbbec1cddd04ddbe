"""Arithmetic of time intervals, as pairs or as arrays of shape (k, 2), in seconds."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .interval import Interval

__all__ = [
    "Interval",
    "after_gaps",
    "bins_inside",
    "inside",
    "intersection",
    "live_time",
    "meeting",
    "outside",
    "total_length",
    "union",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_ROUNDING = 1e-3
"""Distance of adjacent bins, as a fraction of the shorter bin's width, that counts as rounding of
the times in files. Our own choice, far below any gap."""
_LEAST_GAP = 0.02
"""Distance of bins that counts as a gap, as a fraction of the shorter bin's width. Bins of several
detectors are summed if their edges differ by less."""
_SLACK_S = 1e-9
"""Tolerance for the edges of bins at the edge of an interval, seconds: above the rounding of
doubles for times of days."""


def union(intervals: ArrayLike) -> Floats:
    """Sort intervals and merge those that overlap or touch, shape (k, 2).

    Empty and reversed intervals are dropped.

    Examples
    --------
    >>> union([(4, 6), (0, 1), (5, 9), (3, 3)]).tolist()
    [[0.0, 1.0], [4.0, 9.0]]
    >>> union([]).shape
    (0, 2)
    """
    pairs = np.asarray(intervals, dtype=np.float64).reshape(-1, 2)
    kept = pairs[pairs[:, 1] > pairs[:, 0]]
    if not len(kept):
        return kept
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    reach = np.maximum.accumulate(kept[:, 1])
    begins = np.concatenate([[True], kept[1:, 0] > reach[:-1]])
    ends = np.concatenate([begins[1:], [True]])
    return np.column_stack([kept[begins, 0], reach[ends]])


def intersection(first: ArrayLike, *others: ArrayLike) -> Floats:
    """Return the intersection of all sets of intervals, shape (k, 2).

    Examples
    --------
    >>> intersection([(0, 4), (6, 9)], [(3, 7)]).tolist()
    [[3.0, 4.0], [6.0, 7.0]]
    """
    common = union(first)
    for other in others:
        common = _common(common, union(other))
    return common


def _common(one: Floats, other: Floats) -> Floats:
    """Intersect two sorted, disjoint sets, by their overlapping pairs."""
    begin = np.searchsorted(other[:, 1], one[:, 0], side="right")
    end = np.searchsorted(other[:, 0], one[:, 1], side="left")
    number = np.maximum(end - begin, 0)
    left = np.repeat(np.arange(len(one)), number)
    rank = np.arange(len(left)) - np.repeat(np.cumsum(number) - number, number)
    right = np.repeat(begin, number) + rank
    low = np.maximum(one[left, 0], other[right, 0])
    high = np.minimum(one[left, 1], other[right, 1])
    return union(np.column_stack([low, high]))


def outside(intervals: ArrayLike, start_s: float = -np.inf, stop_s: float = np.inf) -> Floats:
    """Return the parts of a window that lie in none of the intervals, shape (k, 2).

    Examples
    --------
    >>> outside([(2, 3), (8, 12)], 0, 10).tolist()
    [[0.0, 2.0], [3.0, 8.0]]
    >>> outside([(2, 3)]).tolist()
    [[-inf, 2.0], [3.0, inf]]
    """
    edges = np.concatenate([[-np.inf], union(intervals).ravel(), [np.inf]]).reshape(-1, 2)
    return union(np.clip(edges, start_s, stop_s))


def total_length(intervals: Floats) -> float:
    """Return the summed length of disjoint intervals.

    Examples
    --------
    >>> total_length(union([(0, 2), (5, 6)]))
    3.0
    """
    return float((intervals[:, 1] - intervals[:, 0]).sum())


def inside(time_s: Floats, intervals: Floats) -> Bools:
    """Return which sorted times lie in sorted, disjoint intervals, ends included, shape (n,).

    Examples
    --------
    >>> inside(np.array([0.0, 1.0, 2.5, 3.0]), union([(1, 2), (3, 4)])).tolist()
    [False, True, False, True]
    """
    first = np.searchsorted(time_s, intervals[:, 0], side="left")
    last = np.searchsorted(time_s, intervals[:, 1], side="right")
    mask = np.zeros(len(time_s), dtype=np.bool_)
    for begin, end in zip(first, last, strict=True):
        mask[begin:end] = True
    return mask


def bins_inside(start_s: Floats, stop_s: Floats, intervals: Floats) -> Bools:
    """Return which bins lie completely inside one of sorted, disjoint intervals, shape (n,).

    Examples
    --------
    >>> edges = np.arange(5.0)
    >>> bins_inside(edges[:-1], edges[1:], union([(0.5, 3)])).tolist()
    [False, True, True, False]
    """
    if len(intervals) == 0:
        return np.zeros(len(start_s), dtype=bool)
    index = np.searchsorted(intervals[:, 0], start_s + _SLACK_S, side="right") - 1
    return np.asarray((index >= 0) & (stop_s <= intervals[index, 1] + _SLACK_S))


def live_time(edges_s: Floats, intervals: Floats) -> Floats:
    """Return the time of each bin inside sorted, disjoint intervals, seconds, shape (n,).

    Parameters
    ----------
    edges_s
        Rising edges of adjacent bins, shape (n + 1,).
    intervals
        Sorted and disjoint, shape (k, 2), seconds.

    Examples
    --------
    >>> live_time(np.array([0.0, 1.0, 2.0, 3.0]), union([(0.5, 2)])).tolist()
    [0.5, 1.0, 0.0]
    """
    if len(intervals) == 0:
        return np.zeros(len(edges_s) - 1)
    lengths = np.concatenate([[0.0], np.cumsum(intervals[:, 1] - intervals[:, 0])])
    values = np.column_stack([lengths[:-1], lengths[1:]]).ravel()
    return np.diff(np.interp(edges_s, intervals.ravel(), values))


def meeting(start_s: Floats, stop_s: Floats) -> Floats:
    """Return the stops of sorted bins; move one to the next start if they differ by rounding only.

    Examples
    --------
    >>> meeting(np.array([0.0, 1.0, 3.0]), np.array([0.9999, 2.0, 4.0])).tolist()
    [1.0, 2.0, 4.0]
    """
    gap = np.abs(start_s[1:] - stop_s[:-1])
    meets = gap < _ROUNDING * np.minimum(stop_s[1:] - start_s[1:], stop_s[:-1] - start_s[:-1])
    return np.append(np.where(meets, start_s[1:], stop_s[:-1]), stop_s[-1:])


def after_gaps(start_s: Floats, stop_s: Floats) -> NDArray[np.intp]:
    """Return the indices of the sorted bins that follow a gap, rising, shape (k,).

    Examples
    --------
    >>> after_gaps(np.array([0.0, 1.01, 3.0]), np.array([1.0, 2.0, 4.0])).tolist()
    [2]
    """
    width = stop_s - start_s
    pause = start_s[1:] - stop_s[:-1]
    return np.flatnonzero(pause > _LEAST_GAP * np.minimum(width[1:], width[:-1])) + 1

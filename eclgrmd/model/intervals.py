"""Arithmetic of time intervals: pairs, and arrays of shape (k, 2)."""

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
"""Part of a bin's width by which the rounding of times in files may part it from the next."""
_LEAST_GAP = 0.02
"""Part of the shorter of two bins that must lie between them to be called a gap: bins of several
detectors are summed where they differ by no more."""
_SLACK_S = 1e-9
"""Rounding of a bin's edge that does not put it outside an interval."""


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
    """Return what all sets of intervals have in common, shape (k, 2).

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
    """Intersect two sorted, disjoint sets; the pairs that overlap are fewer than both together."""
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
    """Return which of the sorted times lie in sorted, disjoint intervals, ends included.

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
    """Return which bins lie fully inside one of some sorted, disjoint intervals, shape (n,).

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
    """Return how much of each bin lies inside sorted, disjoint intervals, seconds.

    Parameters
    ----------
    edges_s
        Rising edges of adjacent bins, shape (n + 1,).
    intervals
        Shape (k, 2).

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
    """Return the stops of sorted bins, moved onto the next start where only rounding parts them.

    Examples
    --------
    >>> meeting(np.array([0.0, 1.0, 3.0]), np.array([0.9999, 2.0, 4.0])).tolist()
    [1.0, 2.0, 4.0]
    """
    gap = np.abs(start_s[1:] - stop_s[:-1])
    meets = gap < _ROUNDING * np.minimum(stop_s[1:] - start_s[1:], stop_s[:-1] - start_s[:-1])
    return np.append(np.where(meets, start_s[1:], stop_s[:-1]), stop_s[-1:])


def after_gaps(start_s: Floats, stop_s: Floats) -> NDArray[np.intp]:
    """Return which of some sorted bins have a gap before them, by number.

    Examples
    --------
    >>> after_gaps(np.array([0.0, 1.01, 3.0]), np.array([1.0, 2.0, 4.0])).tolist()
    [2]
    """
    width = stop_s - start_s
    pause = start_s[1:] - stop_s[:-1]
    return np.flatnonzero(pause > _LEAST_GAP * np.minimum(width[1:], width[:-1])) + 1

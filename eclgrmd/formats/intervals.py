"""Sets of time intervals, sorted and disjoint, shape (k, 2)."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["inside", "intersection", "meeting", "outside", "union"]


_ROUNDING = 1e-3
"""Part of a bin's width by which the rounding of times in files may part it from the next."""


def meeting(start_s: Floats, stop_s: Floats) -> Floats:
    """Return the stops of sorted bins, those that meet the next bin but for rounding exactly so."""
    gap = np.abs(start_s[1:] - stop_s[:-1])
    meets = gap < _ROUNDING * np.minimum(stop_s[1:] - start_s[1:], stop_s[:-1] - start_s[:-1])
    return np.append(np.where(meets, start_s[1:], stop_s[:-1]), stop_s[-1:])


def union(intervals: Floats) -> Floats:
    """Sort intervals and merge those that overlap or touch; empty and reversed ones are lost."""
    kept = intervals[intervals[:, 1] > intervals[:, 0]]
    if not len(kept):
        return np.empty((0, 2))
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    reach = np.maximum.accumulate(kept[:, 1])
    begins = np.concatenate([[True], kept[1:, 0] > reach[:-1]])
    ends = np.concatenate([begins[1:], [True]])
    return np.column_stack([kept[begins, 0], reach[ends]])


def intersection(sets: Iterable[Floats]) -> Floats:
    """Return what all sets have in common."""
    first, *others = (union(s) for s in sets)
    for other in others:
        first = _common(first, other)
    return first


def _common(one: Floats, other: Floats) -> Floats:
    """Intersect two sorted, disjoint sets; the pairs that overlap are fewer than both together."""
    begin = np.searchsorted(other[:, 1], one[:, 0], side="right")
    end = np.searchsorted(other[:, 0], one[:, 1], side="left")
    number = np.maximum(end - begin, 0)
    left = np.repeat(np.arange(len(one)), number)
    place = np.arange(len(left)) - np.repeat(np.cumsum(number) - number, number)
    right = np.repeat(begin, number) + place
    low = np.maximum(one[left, 0], other[right, 0])
    high = np.minimum(one[left, 1], other[right, 1])
    return union(np.column_stack([low, high]))


def outside(intervals: Floats) -> Floats:
    """Return everything that lies in none of the intervals, from -inf to inf."""
    merged = union(intervals)
    edges = np.concatenate([[-np.inf], merged.ravel(), [np.inf]]).reshape(-1, 2)
    return union(edges)


def inside(time_s: Floats, intervals: Floats) -> NDArray[np.bool_]:
    """Tell which of the sorted times lie in the (sorted, disjoint) intervals, ends included."""
    first = np.searchsorted(time_s, intervals[:, 0], side="left")
    last = np.searchsorted(time_s, intervals[:, 1], side="right")
    mask = np.zeros(len(time_s), dtype=np.bool_)
    for begin, end in zip(first, last, strict=True):
        mask[begin:end] = True
    return mask

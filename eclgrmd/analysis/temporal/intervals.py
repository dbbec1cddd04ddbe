"""Time intervals as arrays of shape (k, 2): sorted, disjoint."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["as_intervals", "bins_inside", "intersect", "live_time", "outside", "steady_part"]


_LEAST_PART = 0.25


def as_intervals(pairs: object) -> Floats:
    """Make an array of shape (k, 2) from pairs, sorted, overlapping ones joined."""
    array = np.asarray(pairs, dtype=np.float64).reshape(-1, 2)
    array = array[np.argsort(array[:, 0])]
    joined: list[list[float]] = []
    for start, stop in array:
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return np.asarray(joined, dtype=np.float64).reshape(-1, 2)


def outside(intervals: Floats, start_s: float, stop_s: float) -> Floats:
    """Give what a window holds beside the intervals, shape (k, 2)."""
    edges = np.concatenate([[start_s], intervals.ravel(), [stop_s]]).reshape(-1, 2)
    edges = np.clip(edges, start_s, stop_s)
    return np.asarray(edges[edges[:, 1] > edges[:, 0]])


def intersect(first: Floats, second: Floats) -> Floats:
    """Give the times that lie in both, shape (k, 2)."""
    pairs = [(max(a, c), min(b, d)) for a, b in first for c, d in second if min(b, d) > max(a, c)]
    return as_intervals(pairs)


def steady_part(free_s: Floats, unsteady_s: Floats | None) -> Floats:
    """Take unsteady times out of free ones, unless less than a quarter would be left."""
    if unsteady_s is None or len(unsteady_s) == 0 or len(free_s) == 0:
        return free_s
    part = intersect(free_s, outside(unsteady_s, free_s[0, 0], free_s[-1, 1]))
    return part if np.diff(part).sum() >= _LEAST_PART * np.diff(free_s).sum() else free_s


def bins_inside(start_s: Floats, stop_s: Floats, intervals: Floats) -> NDArray[np.bool_]:
    """Tell which bins lie fully inside one of the intervals, shape (n,)."""
    if len(intervals) == 0:
        return np.zeros(len(start_s), dtype=bool)
    slack = 1e-9
    index = np.searchsorted(intervals[:, 0], start_s + slack, side="right") - 1
    return np.asarray((index >= 0) & (stop_s <= intervals[index, 1] + slack))


def live_time(edges_s: Floats, intervals: Floats) -> Floats:
    """Tell how much of each bin between edges lies inside the intervals, seconds, shape (n,)."""
    if len(intervals) == 0:
        return np.zeros(len(edges_s) - 1)
    lengths = np.concatenate([[0.0], np.cumsum(intervals[:, 1] - intervals[:, 0])])
    knots = intervals.ravel()
    values = np.column_stack([lengths[:-1], lengths[1:]]).ravel()
    return np.diff(np.interp(edges_s, knots, values))

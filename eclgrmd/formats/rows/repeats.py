"""Find data that were written twice: rows, blocks of events, and bins that overlap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import DOUBLED_BINS, OVERLAPPING_BINS
from eclgrmd.model.observation import Floats

__all__ = ["Kept", "singly", "without_overlaps"]

LEAST_CELLS = 64
"""Cells in a row that all hold an even number of events by chance: once in 2**64."""
COPIES = (2, 3)
ROUNDING = 1e-3
"""Part of a bin's width by which it may overlap another one: the rounding of times in files."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def singly(time_s: Floats, channel: NDArray[np.int16]) -> Bools:
    """Return a mask that keeps each event of a block that was written several times once.

    Single events may share time and channel by chance, above all where the clock is coarse. A block
    that was written k times holds in each cell of time and channel a multiple of k events, over
    more cells than chance could do.

    Parameters
    ----------
    time_s
        Sorted, shape (n,).
    channel
        Of each event, shape (n,).
    """
    keep = np.ones(len(time_s), dtype=np.bool_)
    same = np.diff(time_s) == 0.0
    if not _may_be_copies(same):
        return keep
    first = np.flatnonzero(np.concatenate([[True], ~same]))
    number = np.diff(np.append(first, len(time_s)))
    edges = np.append(first, len(time_s))
    for k in COPIES:
        runs = edges[_runs(number % k == 0)]
        for begin, end in runs[runs[:, 1] - runs[:, 0] >= k * LEAST_CELLS].tolist():
            keep[begin:end] &= _once(time_s[begin:end], channel[begin:end], k)
    return keep


def _may_be_copies(same: Bools) -> bool:
    """Return whether half of some events in a row repeat the time before them: a quick look."""
    whole = len(same) // LEAST_CELLS * LEAST_CELLS
    parts = np.count_nonzero(same[:whole].reshape(-1, LEAST_CELLS), axis=1)
    return bool((parts >= LEAST_CELLS // 2 - 1).any())


def _once(time_s: Floats, channel: NDArray[np.int16], k: int) -> Bools:
    """Return a mask that keeps one of k copies in long runs of cells that hold multiples of k."""
    order = np.lexsort((channel, time_s))
    time, sorted_channel = time_s[order], channel[order]
    new = (np.diff(time) != 0.0) | (np.diff(sorted_channel) != 0)
    first = np.flatnonzero(np.concatenate([[True], new]))
    number = np.diff(np.append(first, len(time)))
    doubled = np.zeros(len(first), dtype=np.bool_)
    runs = _runs(number % k == 0)
    for start, stop in runs[runs[:, 1] - runs[:, 0] >= LEAST_CELLS].tolist():
        doubled[start:stop] = True
    place = np.arange(len(time)) - np.repeat(first, number)
    kept = ~np.repeat(doubled, number) | (place < np.repeat(number // k, number))
    mask = np.empty(len(time), dtype=np.bool_)
    mask[order] = kept
    return mask


def _runs(mask: Bools) -> Ints:
    """Return start and stop of each run of true values, shape (k, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return np.asarray(edges.reshape(-1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Bins that do not overlap, in the order of time."""

    rows: Ints
    """Indices of the bins kept."""
    flags: tuple[str, ...]
    """How many were left out, and why."""


def without_overlaps(start_s: Floats, stop_s: Floats, values: Floats) -> Kept:
    """Sort bins, and leave out those that repeat or overlap others.

    As many bins as possible stay: of overlapping ones the one that stops first, and of bins with
    the same edges the one that comes first.

    Parameters
    ----------
    start_s, stop_s
        Edges of the bins, shape (n,).
    values
        What was counted, shape (n, ...): bins with the same edges and values are doubled.
    """
    order = np.lexsort((stop_s, start_s))
    start, stop = start_s[order], stop_s[order]
    slack = ROUNDING * (stop - start)
    if not (start[1:] < stop[:-1] - np.minimum(slack[1:], slack[:-1])).any():
        return Kept(order, ())
    by_stop = np.lexsort((start_s, stop_s))
    rows: list[int] = []
    doubled = overlapping = 0
    for row in by_stop.tolist():
        last = rows[-1] if rows else None
        width = stop_s[row] - start_s[row]
        if last is None or start_s[row] >= stop_s[last] - ROUNDING * width:
            rows.append(row)
        elif abs(start_s[row] - start_s[last]) <= ROUNDING * width and np.array_equal(
            values[row], values[last]
        ):
            doubled += 1
        else:
            overlapping += 1
    flags = [
        f"{name}: {count}"
        for name, count in ((DOUBLED_BINS, doubled), (OVERLAPPING_BINS, overlapping))
        if count
    ]
    return Kept(np.array(rows, dtype=np.int64), tuple(flags))

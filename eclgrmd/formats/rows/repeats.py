"""Detection of data that were written twice: blocks of events, and bins that overlap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats

__all__ = ["Kept", "singly", "without_overlaps"]

LEAST_CELLS = 64
"""Consecutive cells with an even number of events each that prove a copy: by chance, it happens
once in 2**64."""
COPIES = (2, 3)
"""Numbers of copies that are detected."""
ROUNDING = 1e-3
"""Overlap of bins that counts as rounding of the times in files, as a fraction of the width."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def singly(time_s: Floats, channel: NDArray[np.int16]) -> Bools:
    """Return a mask that keeps one copy of each block of events that was written several times.

    Single events may share time and channel by chance, in particular if the clock is coarse. In a
    block that was written k times, each cell of time and channel has a multiple of k events, in
    more consecutive cells than chance can explain.

    Parameters
    ----------
    time_s
        Sorted times of the events, shape (n,).
    channel
        Channel of each event, shape (n,).
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
    """Return whether copies are possible at all, by a fast check of repeated times."""
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
    rank = np.arange(len(time)) - np.repeat(first, number)
    kept = ~np.repeat(doubled, number) | (rank < np.repeat(number // k, number))
    mask = np.empty(len(time), dtype=np.bool_)
    mask[order] = kept
    return mask


def _runs(mask: Bools) -> Ints:
    """Return start and stop of each run of true values, shape (k, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return np.asarray(edges.reshape(-1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The bins that do not overlap, in the order of time."""

    rows: Ints
    """Indices of the kept bins, shape (k,)."""
    flags: tuple[Flag, ...]
    """Flags with the numbers of bins that were left out, by reason."""


def without_overlaps(start_s: Floats, stop_s: Floats, values: Floats) -> Kept:
    """Sort bins, and leave out those that repeat or overlap others.

    As many bins as possible are kept: of overlapping ones the one that stops first, and of bins
    with the same edges the first one.

    Parameters
    ----------
    start_s, stop_s
        Edges of the bins, seconds, shape (n,).
    values
        Values of the bins, shape (n, ...); bins with the same edges and values are repetitions.
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
        Flag(code, detail=str(count))
        for code, count in (
            (FlagCode.DOUBLED_BINS, doubled),
            (FlagCode.OVERLAPPING_BINS, overlapping),
        )
        if count
    ]
    return Kept(np.array(rows, dtype=np.int64), tuple(flags))

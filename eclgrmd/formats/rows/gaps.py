"""Detection of gaps in event lists that the good time intervals do not declare.

The readers remove these gaps from the good time intervals, from which all live times are computed.
"""

import numpy as np

from eclgrmd.model.intervals import intersection, outside
from eclgrmd.model.observation import Floats

from .frames import spread_evenly

__all__ = ["find_gaps", "split_at_gaps"]

NEIGHBOURS = 100
"""Events on either side of a candidate from which the rate is estimated, to 10 %."""
CANDIDATES = 1000
"""Longest waiting times that are examined first; more are examined while most are gaps."""
ROUNDING = 1e-3
"""Distance of a time from the edge of a frame that counts as rounding, as a fraction of the
frame."""
UNLIKELY = 12.0
"""A waiting time is a gap if the expected number of such waits by chance is below exp(-UNLIKELY),
6e-6 per interval."""


def find_gaps(time_s: Floats, start_s: float, stop_s: float) -> Floats:
    """Return the gaps in a good time interval, as start and stop, shape (k, 2).

    A gap is a waiting time that is too long to occur by chance. Waiting times of a Poisson process
    of rate r are exponential: among n of them, n exp(-r g) longer than g are expected. The rate is
    the lower one of the `NEIGHBOURS` events before and after, and half of it is used, since it is
    uncertain and may be falling. The waits before the first and after the last event are included:
    data may start late or end early.

    Parameters
    ----------
    time_s
        Sorted times of the events in the interval, seconds after t0, shape (n,).
    start_s, stop_s
        The interval, seconds after t0.
    """
    n = len(time_s)
    if n < NEIGHBOURS:
        return np.empty((0, 2))
    edges = np.concatenate([[start_s], time_s, [stop_s]])
    wait = np.diff(edges)
    limit = np.log(n) + UNLIKELY
    number = CANDIDATES
    while True:
        longest = np.argpartition(wait, -min(number, n))[-number:]
        found = longest[0.5 * _lower_rate(time_s, longest) * wait[longest] > limit]
        if 2 * len(found) < number or number >= n:
            break
        number *= 4
    found = np.sort(found)
    return np.column_stack([edges[found], edges[found + 1]])


def _lower_rate(time_s: Floats, wait: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    """Return the lower rate of both sides of each wait, 1/s, shape (k,); wait i ends with event i.

    Near either end, where one side has too few events, the rate of the other side is used.
    """
    last = len(time_s) - 1
    first_before, last_before = np.maximum(wait - 1 - NEIGHBOURS, 0), np.maximum(wait - 1, 0)
    first_after, last_after = np.minimum(wait, last), np.minimum(wait + NEIGHBOURS, last)
    sides = []
    for first, final in ((first_before, last_before), (first_after, last_after)):
        counted = final - first
        elapsed = np.maximum(time_s[final] - time_s[first], np.finfo(np.float64).tiny)
        sides.append(np.where(counted >= NEIGHBOURS // 2, counted / elapsed, np.inf))
    return np.minimum(*sides)


def split_at_gaps(gti_s: Floats, time_s: Floats, frame_s: float = 0.0) -> tuple[Floats, bool]:
    """Remove undeclared gaps from good time intervals; return whether there was one.

    Parameters
    ----------
    gti_s
        Good time intervals, seconds after t0, shape (k, 2).
    time_s
        Sorted times of the events, seconds after t0, shape (n,).
    frame_s
        Width of the readout frames, seconds, if `time_s` has their middles; gaps then consist of
        whole frames. 0: there are no frames.
    """
    gaps = [_gaps_in(time_s, start, stop, frame_s) for start, stop in gti_s.tolist()]
    found = [gap for gap in gaps if len(gap)]
    if not found:
        return gti_s, False
    return intersection(gti_s, outside(np.concatenate(found))), True


def _gaps_in(time_s: Floats, start_s: float, stop_s: float, frame_s: float) -> Floats:
    begin, end = np.searchsorted(time_s, start_s), np.searchsorted(time_s, stop_s, "right")
    inside_s = time_s[begin:end]
    if not frame_s or not len(inside_s):
        return find_gaps(inside_s, start_s, stop_s)
    gaps = find_gaps(spread_evenly(inside_s, frame_s), start_s, stop_s)
    edge_s = float(inside_s[0]) - 0.5 * frame_s
    first = np.ceil((gaps[:, 0] - edge_s) / frame_s - ROUNDING)
    last = np.floor((gaps[:, 1] - edge_s) / frame_s + ROUNDING)
    whole = last > first
    return np.asarray(edge_s + np.column_stack([first, last])[whole] * frame_s)

"""Find gaps in event lists that the good time intervals do not declare.

Reading cuts them out of the good time intervals, from which everything later takes its live time.
"""

import numpy as np

from eclgrmd.model.intervals import intersection, outside
from eclgrmd.model.observation import Floats

from .frames import spread_evenly

__all__ = ["find_gaps", "split_at_gaps"]

NEIGHBOURS = 100
"""Events on either side that tell the rate around a candidate."""
CANDIDATES = 1000
"""The longest waiting times are examined, and more of them while most turn out to be gaps."""
ROUNDING = 1e-3
"""Part of a frame by which times may miss its edge."""
UNLIKELY = 12.0
"""A gap is declared where chance makes such a waiting time with probability exp(-UNLIKELY)."""


def find_gaps(time_s: Floats, start_s: float, stop_s: float) -> Floats:
    """Return waiting times in a good time interval that are too long for chance, shape (k, 2).

    Waiting times of a Poisson process of rate r are exponential: of n, one longer than g is
    expected n exp(-r g) times. The rate is the lower one of the `NEIGHBOURS` events before and
    after, and is taken at half its value since it is uncertain and may be falling. The waits for
    the first event and after the last one count as well: data that begin late or end early.

    Parameters
    ----------
    time_s
        Sorted times of the events in the interval, shape (n,).
    start_s, stop_s
        The interval.
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
    """Return the lower rate of both sides of each wait; wait i ends with event i.

    Near either end, where one side has too few events to tell, the other side's rate counts.
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
    """Cut undeclared gaps out of good time intervals; tell whether there was one.

    Parameters
    ----------
    gti_s
        Shape (k, 2).
    time_s
        Sorted times of the events, shape (n,).
    frame_s
        Width of the frames whose middles `time_s` holds; 0: none. Gaps are whole frames then.
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

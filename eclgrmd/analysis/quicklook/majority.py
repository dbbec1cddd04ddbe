"""Values that most packets agree on, if a few of them are wrong."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["FAR_S", "choose_trigger", "main_group"]

FAR_S = 3600.0
"""Distance, seconds, from which data without others in between are wrong: a stream lasts
minutes."""
_TOGETHER_S = 300.0
"""Largest distance, seconds, between triggers of one burst: twice the length of a packet sequence,
because alerts may be triggered by later peaks."""
_INSIDE_S = 60.0
"""Largest distance, seconds, of a trigger from the data that it belongs to; a choice."""


def main_group(ordered: Sequence[float], gap: float) -> slice:
    """Return the slice of the largest group of values without a gap; of equal groups the first.

    Parameters
    ----------
    ordered
        Values in increasing order, at least one.
    gap
        Difference between neighbours above which they belong to different groups.
    """
    if ordered[-1] - ordered[0] <= gap:  # shortcut for the usual case, as this runs per packet
        return slice(0, len(ordered))
    cuts = [i for i, (a, b) in enumerate(pairwise(ordered), start=1) if b - a > gap]
    groups = [slice(a, b) for a, b in pairwise([0, *cuts, len(ordered)])]
    return max(groups, key=lambda group: group.stop - group.start)


def choose_trigger(times_s: Sequence[float], data_s: tuple[float, float]) -> float | None:
    """Return the trigger time that most triggers agree with, within five minutes.

    If several times have equally many, one close to the data is preferred, then the earliest.

    Parameters
    ----------
    times_s
        Trigger times of the packets, seconds.
    data_s
        First and last time of the data, seconds.

    Returns
    -------
    float or None
        None if there is no trigger within an hour of the data.
    """
    near = sorted(each for each in times_s if _away(each, data_s) <= FAR_S)

    def weight(time_s: float) -> tuple[int, bool, float]:
        agree = bisect_right(near, time_s + _TOGETHER_S) - bisect_left(near, time_s)
        return agree, _away(time_s, data_s) <= _INSIDE_S, -time_s

    return max(near, key=weight, default=None)


def _away(time_s: float, data_s: tuple[float, float]) -> float:
    return max(data_s[0] - time_s, time_s - data_s[1], 0.0)

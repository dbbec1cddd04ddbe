"""What most packets say, where a few may be wrong."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["FAR_S", "choose_trigger", "main_group"]

FAR_S = 3600.0
"""Without data in between, what lies so far from the others is wrong: a stream lasts minutes."""
_TOGETHER_S = 300.0
"""Triggers of one burst: twice the length of a sequence, whose alerts may be of later peaks."""
_INSIDE_S = 60.0


def main_group(ordered: Sequence[float], gap: float) -> slice:
    """Return where the largest group of values is that no gap parts; of equal ones the first.

    Parameters
    ----------
    ordered
        Rising; at least one.
    gap
        More than this between neighbours parts groups.
    """
    if ordered[-1] - ordered[0] <= gap:  # with each packet
        return slice(0, len(ordered))
    cuts = [i for i, (a, b) in enumerate(pairwise(ordered), start=1) if b - a > gap]
    groups = [slice(a, b) for a, b in pairwise([0, *cuts, len(ordered)])]
    return max(groups, key=lambda group: group.stop - group.start)


def choose_trigger(times_s: Sequence[float], data_s: tuple[float, float]) -> float | None:
    """Return the earliest of those trigger times that most agree on, within five minutes.

    Of times that equally many agree on, one beside the data goes before others, then the earliest.

    Parameters
    ----------
    times_s
        Trigger times of the packets.
    data_s
        First and last time of the data.

    Returns
    -------
    float or None
        None: there is no trigger less than an hour from the data.
    """
    near = sorted(each for each in times_s if _away(each, data_s) <= FAR_S)

    def weight(time_s: float) -> tuple[int, bool, float]:
        agree = bisect_right(near, time_s + _TOGETHER_S) - bisect_left(near, time_s)
        return agree, _away(time_s, data_s) <= _INSIDE_S, -time_s

    return max(near, key=weight, default=None)


def _away(time_s: float, data_s: tuple[float, float]) -> float:
    return max(data_s[0] - time_s, time_s - data_s[1], 0.0)

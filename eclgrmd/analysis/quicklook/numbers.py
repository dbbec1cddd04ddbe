"""Packets that did not come, by the numbers of those that did."""

from collections.abc import Collection

from .majority import main_group

__all__ = ["count_missing"]

_MOST_LOST = 300
"""Lost in a row: twice a sequence. A number further on is taken for a wrong one."""


def count_missing(
    seen: Collection[int], set_aside: Collection[int] = ()
) -> tuple[int, tuple[int, ...]]:
    """Count the numbers that are missing below the highest one.

    Numbers that lie far from most others are wrong, and open no gap.

    Parameters
    ----------
    seen
        Numbers of the packets that count; they begin at 0.
    set_aside
        Numbers of packets that came too, but may be wrong themselves.

    Returns
    -------
    tuple
        How many are missing, and the wrong numbers, rising.
    """
    ordered = sorted(set(seen))
    if not ordered:
        return 0, ()
    group = main_group(ordered, _MOST_LOST + 1)
    kept = ordered[group]
    first = 0 if kept[0] <= _MOST_LOST else kept[0]
    came = set(kept).union(number for number in set_aside if first <= number <= kept[-1])
    wrong = (*ordered[: group.start], *ordered[group.stop :])
    return kept[-1] + 1 - first - len(came), wrong

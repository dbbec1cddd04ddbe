"""Number of missing packets, from the packet numbers that were received."""

from collections.abc import Collection

from .majority import main_group

__all__ = ["count_missing"]

_MOST_LOST = 300
"""Largest number of packets lost in a row, twice the length of a sequence; a packet number farther
away is considered wrong."""


def count_missing(
    seen: Collection[int], set_aside: Collection[int] = ()
) -> tuple[int, tuple[int, ...]]:
    """Return how many packet numbers are missing below the highest one.

    Numbers far from most others are considered wrong and do not count as a gap.

    Parameters
    ----------
    seen
        Numbers of the accepted packets; numbers begin at 0.
    set_aside
        Numbers of packets that were received but set aside; they may be wrong.

    Returns
    -------
    tuple
        Number of missing packets, and the wrong numbers in increasing order.
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

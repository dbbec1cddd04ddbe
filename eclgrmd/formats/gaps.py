"""Find gaps that the good time intervals do not tell."""

import numpy as np

from eclgrmd.model.observation import Floats

from .intervals import intersection, outside

__all__ = ["find_gaps", "split_at_gaps"]

NEIGHBOURS = 100
"""Events on either side that tell the rate around a candidate."""
CANDIDATES = 1000
"""The longest waiting times are examined, not all."""
UNLIKELY = 12.0
"""A gap is declared where chance makes such a waiting time with probability exp(-UNLIKELY)."""


def find_gaps(time_s: Floats) -> Floats:
    """Return waiting times between sorted events too long for chance, shape (k, 2).

    Waiting times of a Poisson process of rate r are exponential: of n, one longer than g is
    expected n exp(-r g) times. The rate is the lower one of the `NEIGHBOURS` events before and
    after, and is taken at half its value since it is uncertain and may be falling.
    """
    n = len(time_s)
    if n <= 2 * NEIGHBOURS:
        return np.empty((0, 2))
    wait = np.diff(time_s)
    longest = np.argpartition(wait, -min(CANDIDATES, n - 1))[-CANDIDATES:]
    before = time_s[longest] - time_s[np.maximum(longest - NEIGHBOURS, 0)]
    after = time_s[np.minimum(longest + 1 + NEIGHBOURS, n - 1)] - time_s[longest + 1]
    n_before = np.minimum(longest, NEIGHBOURS)
    n_after = np.minimum(n - 2 - longest, NEIGHBOURS)
    known = (n_before >= NEIGHBOURS // 2) & (n_after >= NEIGHBOURS // 2)
    rate = np.minimum(
        n_before / np.maximum(before, np.finfo(float).tiny),
        n_after / np.maximum(after, np.finfo(float).tiny),
    )
    found = np.sort(longest[known & (0.5 * rate * wait[longest] > np.log(n) + UNLIKELY)])
    return np.column_stack([time_s[found], time_s[found + 1]])


def split_at_gaps(gti_s: Floats, time_s: Floats) -> tuple[Floats, bool]:
    """Cut undeclared gaps out of good time intervals; tell whether there was one."""
    gaps = [
        find_gaps(time_s[np.searchsorted(time_s, start) : np.searchsorted(time_s, stop, "right")])
        for start, stop in gti_s
    ]
    all_gaps = np.concatenate(gaps) if gaps else np.empty((0, 2))
    if not len(all_gaps):
        return gti_s, False
    return intersection([gti_s, outside(all_gaps)]), True

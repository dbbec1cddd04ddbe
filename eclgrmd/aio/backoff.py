"""Exponential backoff."""

__all__ = ["backoff_s"]

_MOST_DOUBLINGS = 64
"""Reaches any longest pause from any first one; 2.0 ** 1024 would overflow."""


def backoff_s(first_s: float, times: int, longest_s: float) -> float:
    """Return the pause after some failures: the first pause, doubled each time up to the longest.

    All pauses are in seconds.

    >>> backoff_s(0.5, 0, 5.0), backoff_s(0.5, 2, 5.0), backoff_s(0.5, 9, 5.0)
    (0.5, 2.0, 5.0)
    """
    return min(first_s * 2.0 ** min(times, _MOST_DOUBLINGS), longest_s)

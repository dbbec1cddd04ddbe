"""How long to wait before something that failed is tried again."""

__all__ = ["doubled"]

_MOST_DOUBLINGS = 64
"""Enough for any pause; the thousandth would overflow."""


def doubled(first_s: float, times: int, longest_s: float) -> float:
    """Give a pause that was doubled some times, to the longest one; all in seconds."""
    return min(first_s * 2.0 ** min(times, _MOST_DOUBLINGS), longest_s)

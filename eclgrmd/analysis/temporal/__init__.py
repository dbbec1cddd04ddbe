"""When a burst began, ended and how it varied: blocks, background, durations."""

from .measure import measure

__all__ = ["measure"]

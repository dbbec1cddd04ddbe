"""Light-curve properties other than durations: peak rates, hardness, lag, variability, class."""

from .describe import describe

__all__ = ["describe"]

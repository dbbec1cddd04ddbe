"""The type of an interval; arithmetic, which needs numpy, is in `intervals`."""

__all__ = ["Interval"]

Interval = tuple[float, float]
"""Lower and upper edge, of a time in seconds or of an energy in keV."""

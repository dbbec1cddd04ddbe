"""The type of an interval; `intervals` has its arithmetic, which needs numpy."""

__all__ = ["Interval"]

Interval = tuple[float, float]
"""Lower and upper edge: of time in seconds, or of energy in keV."""

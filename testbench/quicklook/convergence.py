"""Convergence of the quick look's T90 to the value of the full data."""

from math import hypot

from msgspec import Struct

__all__ = ["Final", "Point", "Trace", "settled_after_s"]

_WITHIN_SIGMA = 2.0
"""Distance from the final value within which T90 is right, sigma."""


class Point(Struct, frozen=True):
    """T90 at a time of the quick look."""

    at_s: float
    """Time of the update, seconds after T0."""
    t90_s: float
    """T90, seconds."""
    err_minus_s: float
    """Size of the lower error, seconds."""
    err_plus_s: float
    """Size of the upper error, seconds."""
    progress: str
    """Progress of the burst as the quick look sees it."""
    klass: str
    """Name of the burst's class. Empty: not classified yet."""


class Final(Struct, frozen=True):
    """Result of the analysis of the full data."""

    t90_s: float
    """T90, seconds."""
    err_minus_s: float
    """Size of the lower error, seconds."""
    err_plus_s: float
    """Size of the upper error, seconds."""
    end_s: float
    """End of the burst (T100), seconds after T0."""
    significance: float
    """Significance of the burst, sigma."""


class Trace(Struct, frozen=True):
    """T90 of one burst by one instrument, over time."""

    burst_id: str
    """Burst id."""
    story: str
    """One sentence that describes the burst."""
    instrument: str
    """Name of the instrument."""
    final: Final
    """Result of the full data."""
    points: tuple[Point, ...]
    """Updates in order of time; the last one is the final quick look."""

    def pull(self, point: Point) -> float:
        """Return the difference to the final value, in units of the errors between them."""
        difference = point.t90_s - self.final.t90_s
        if difference > 0:
            return difference / max(hypot(point.err_minus_s, self.final.err_plus_s), 1e-9)
        return difference / max(hypot(point.err_plus_s, self.final.err_minus_s), 1e-9)


def settled_after_s(trace: Trace) -> float | None:
    """Return the delay from the burst's end until T90 stays within 2 sigma of its final value.

    Seconds; negative: before the end. None: the last value is further away.
    """
    since: float | None = None
    for point in trace.points:
        if abs(trace.pull(point)) > _WITHIN_SIGMA:
            since = None
        elif since is None:
            since = point.at_s
    return None if since is None else since - trace.final.end_s

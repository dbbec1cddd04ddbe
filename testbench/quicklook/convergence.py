"""How T90 so far comes to the value of the full data."""

from math import hypot

from msgspec import Struct

__all__ = ["Final", "Point", "Trace", "settled_after_s"]

_WITHIN_SIGMA = 2.0


class Point(Struct, frozen=True):
    """T90 as it was known at a time."""

    at_s: float
    """When it was known, seconds after T0."""
    t90_s: float
    err_minus_s: float
    err_plus_s: float
    progress: str
    klass: str


class Final(Struct, frozen=True):
    """What the analysis of the full data gives."""

    t90_s: float
    err_minus_s: float
    err_plus_s: float
    end_s: float
    """End of the burst (T100), seconds after T0."""
    significance: float


class Trace(Struct, frozen=True):
    """One burst, one instrument."""

    burst_id: str
    story: str
    instrument: str
    final: Final
    points: tuple[Point, ...]
    """In order of time; the last one is the final quick look."""

    def pull(self, point: Point) -> float:
        """Give the difference to the final value in units of the errors that face each other."""
        difference = point.t90_s - self.final.t90_s
        if difference > 0:
            return difference / max(hypot(point.err_minus_s, self.final.err_plus_s), 1e-9)
        return difference / max(hypot(point.err_plus_s, self.final.err_minus_s), 1e-9)


def settled_after_s(trace: Trace) -> float | None:
    """Tell how long after the burst's end T90 came within 2 sigma of its final value to stay.

    Negative where it was before the end; None where the last value is further away.
    """
    since: float | None = None
    for point in trace.points:
        if abs(trace.pull(point)) > _WITHIN_SIGMA:
            since = None
        elif since is None:
            since = point.at_s
    return None if since is None else since - trace.final.end_s

"""The part of long files that an analysis reads: an hour of GRM data has 15 million events."""

import math
from collections.abc import Iterator

from .configuration.sections import TaskConfiguration
from .names import Instrument

__all__ = ["NEAR_S", "reading_window"]

NEAR_S = (-500.0, 1000.0)
"""The window around t0 that the temporal analysis searches first, seconds after t0. It needs the
same margins around a configured window, for the background."""
_MARGIN_S = 100.0
"""Additional time at both ends, for bins that extend beyond the window."""


def reading_window(configuration: TaskConfiguration) -> tuple[float, float]:
    """Return start and end of the time range to read, seconds after t0."""
    edges = list(_edges(configuration))
    for instrument in Instrument:
        edges += _edges(configuration.of(instrument))
    return min(edges) - _MARGIN_S, max(edges) + _MARGIN_S


def _edges(configuration: TaskConfiguration) -> Iterator[float]:
    duration = configuration.duration
    yield min(0.0, duration.t_min_s or 0.0) + NEAR_S[0]
    yield max(0.0, duration.t_max_s or 0.0) + NEAR_S[1]
    explicit = [pair for pair in configuration.spectral.intervals if not isinstance(pair, str)]
    for interval in (*configuration.background.intervals_s, *explicit):
        yield from (edge for edge in interval if math.isfinite(edge))

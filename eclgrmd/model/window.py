"""How much of long files an analysis needs: an hour of the GRM holds 15 million events."""

import math
from collections.abc import Iterator

from .configuration.sections import TaskConfiguration
from .names import Instrument

__all__ = ["NEAR_S", "reading_window"]

NEAR_S = (-500.0, 1000.0)
"""Around t0: where the temporal analysis looks first. Around a window that is configured, it needs
as much for the background."""
_MARGIN_S = 100.0
"""For bins that reach over the edge."""


def reading_window(configuration: TaskConfiguration) -> tuple[float, float]:
    """Give the times that are to be read, seconds after t0."""
    edges = list(_edges(configuration))
    for instrument in Instrument:
        edges += _edges(configuration.of(instrument))
    return min(edges) - _MARGIN_S, max(edges) + _MARGIN_S


def _edges(configuration: TaskConfiguration) -> Iterator[float]:
    duration = configuration.duration
    yield min(0.0, duration.t_min_s or 0.0) + NEAR_S[0]
    yield max(0.0, duration.t_max_s or 0.0) + NEAR_S[1]
    asked = [each for each in configuration.spectral.intervals if not isinstance(each, str)]
    for interval in (*configuration.background.intervals_s, *asked):
        yield from (edge for edge in interval if math.isfinite(edge))

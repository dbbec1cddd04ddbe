"""The recipes of the catalogues, applied to our data: the remaining difference is the data."""

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.configuration.sections import BackgroundChoice, TaskConfiguration

from .case import Reference

__all__ = ["published_background", "recipe_configuration", "widths_between"]

Floats = NDArray[np.float64]

_LEVELS = (0.05, 0.25, 0.75, 0.95)
"""Levels of the cumulative counts at the ends of T90 and T50."""
_ORDER = 2
"""Order of the polynomial in the recipe of the GBM catalogue, which does not publish its own; a
choice made before the comparison was run."""


def published_background(reference: Reference) -> BackgroundChoice:
    """Return the background intervals of the catalogue."""
    pairs = reference["duration"]["background_intervals_s"]
    return BackgroundChoice(
        mode="intervals", intervals_s=tuple((float(a), float(b)) for a, b in pairs)
    )


def recipe_configuration(
    reference: Reference, configuration: TaskConfiguration
) -> TaskConfiguration:
    """Return the configuration that measures by the recipe of the GBM catalogue."""
    return replace(
        configuration,
        background=replace(published_background(reference), order=_ORDER),
        duration=replace(configuration.duration, method="gbm_catalogue"),
    )


def widths_between(
    found: DurationMeasurement, start_s: float, stop_s: float
) -> tuple[float, float] | None:
    """Return T90 and T50 of the counts between two times, as battblocks does inside its T100."""
    time_s, cumulative = _cumulated(found)
    ends = [float(np.interp(edge, time_s, cumulative)) for edge in (start_s, stop_s)]
    if ends[1] <= ends[0]:
        return None
    return _widths(time_s, cumulative, (start_s, stop_s), ends)


def _cumulated(found: DurationMeasurement) -> tuple[Floats, Floats]:
    curve = found.curve
    net = np.cumsum(curve.counts - found.background_counts)
    return np.append(curve.start_s[0], curve.stop_s), np.append(0.0, net)


def _widths(
    time_s: Floats, cumulative: Floats, between_s: tuple[float, float], ends: list[float]
) -> tuple[float, float] | None:
    times = []
    for level in _LEVELS:
        height = cumulative - (ends[0] + level * (ends[1] - ends[0]))
        passed = np.flatnonzero(height[:-1] * height[1:] <= 0.0)
        part = height[passed] / np.where(
            height[passed] == height[passed + 1], 1.0, height[passed] - height[passed + 1]
        )
        at = time_s[passed] + part * (time_s[passed + 1] - time_s[passed])
        at = at[(at >= between_s[0]) & (at <= between_s[1])]
        if len(at) == 0:
            return None
        times.append(0.5 * float(at[0] + at[-1]))
    return times[3] - times[0], times[2] - times[1]

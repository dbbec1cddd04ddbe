"""Contribution of the bin width of a light curve to the errors of durations."""

import math

import numpy as np
from msgspec.structs import replace

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import LightCurve
from eclgrmd.model.result import Width

__all__ = ["bin_flags", "with_bin_errors"]

_UNIFORM = 1.0 / math.sqrt(12.0)
"""Standard deviation of a uniform distribution, as a fraction of its width."""
_LEAST_BINS = 3.0
"""Number of bins in T50 below which its shape is not resolved; a choice."""


def with_bin_errors(width: Width, curve: LightCurve) -> Width:
    """Return a duration with the widths of its first and last bin added to the errors.

    The counts of a bin may have arrived anywhere in it. The standard deviation of their time,
    bin / sqrt(12), is independent of the noise and is added in quadrature. For an edge in a gap the
    length of the gap replaces the bin width. Bins made from events are adapted to the burst, so the
    time resolution of the events (`LightCurve.resolution_s`) is used instead.
    """
    if width.value_s is None or width.start_s is None or width.stop_s is None:
        return width
    start, stop = (_UNIFORM * _resolution_at(curve, time) for time in (width.start_s, width.stop_s))
    both = math.hypot(start, stop)
    return replace(
        width,
        err_minus_s=_in_quadrature(width.err_minus_s, both),
        err_plus_s=_in_quadrature(width.err_plus_s, both),
        start_err_minus_s=_in_quadrature(width.start_err_minus_s, start),
        start_err_plus_s=_in_quadrature(width.start_err_plus_s, start),
        stop_err_minus_s=_in_quadrature(width.stop_err_minus_s, stop),
        stop_err_plus_s=_in_quadrature(width.stop_err_plus_s, stop),
        interval95_s=_widened(width, both),
    )


def bin_flags(t50: Width, curve: LightCurve) -> tuple[Flag, ...]:
    """Return a flag if fewer than three bins lie in T50, so that emission is hidden in a bin."""
    if t50.value_s is None or t50.start_s is None or curve.resolution_s is not None:
        return ()
    bin_s = _resolution_at(curve, t50.start_s)
    if t50.value_s >= _LEAST_BINS * bin_s:
        return ()
    return (Flag(FlagCode.COARSE_BINS, detail=f"{bin_s:.3g}"),)


def _in_quadrature(error_s: float | None, other_s: float) -> float | None:
    return None if error_s is None else math.hypot(error_s, other_s)


def _widened(width: Width, error_s: float) -> tuple[float, float] | None:
    if width.interval95_s is None or width.value_s is None:
        return None
    low, high = width.interval95_s
    return (
        max(0.0, width.value_s - math.hypot(width.value_s - low, 2.0 * error_s)),
        width.value_s + math.hypot(high - width.value_s, 2.0 * error_s),
    )


def _resolution_at(curve: LightCurve, time_s: float) -> float:
    """Return the time resolution at a time, seconds: that of the bin, or the length of the gap."""
    place = int(np.searchsorted(curve.start_s, time_s, side="right")) - 1
    place = min(max(place, 0), len(curve.start_s) - 1)
    start, stop = float(curve.start_s[place]), float(curve.stop_s[place])
    if time_s > stop and place + 1 < len(curve.start_s):
        return float(curve.start_s[place + 1]) - stop
    return stop - start if curve.resolution_s is None else curve.resolution_s

"""What the width of the packets' bins adds to the errors of durations."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.results import DurationMeasurement, MeasuredWidth
from eclgrmd.model.observation import LightCurve

__all__ = ["with_bin_errors"]


def with_bin_errors(measured: DurationMeasurement) -> DurationMeasurement:
    """Widen the errors of T90 and T50 by the bins in which they start and stop.

    Full data can be binned as finely as a burst asks for, packets cannot: where in its bin a level
    was passed is not known, which is an error of a bin's width over the root of 12 at either end.
    """
    return replace(
        measured,
        t90=_widened(measured.t90, measured.curve),
        t50=_widened(measured.t50, measured.curve),
    )


def _widened(width: MeasuredWidth, curve: LightCurve) -> MeasuredWidth:
    if width.start_s is None or width.stop_s is None or width.value_s is None:
        return width
    start, stop = (_resolution(curve, time) for time in (width.start_s, width.stop_s))
    both = float(np.hypot(start, stop))
    low, high = width.interval95_s or (width.value_s, width.value_s)
    return replace(
        width,
        err_minus_s=_added(width.err_minus_s, both),
        err_plus_s=_added(width.err_plus_s, both),
        start_err_minus_s=_added(width.start_err_minus_s, start),
        start_err_plus_s=_added(width.start_err_plus_s, start),
        stop_err_minus_s=_added(width.stop_err_minus_s, stop),
        stop_err_plus_s=_added(width.stop_err_plus_s, stop),
        interval95_s=(
            max(0.0, width.value_s - float(np.hypot(width.value_s - low, 2.0 * both))),
            width.value_s + float(np.hypot(high - width.value_s, 2.0 * both)),
        ),
    )


def _resolution(curve: LightCurve, time_s: float) -> float:
    index = int(np.searchsorted(curve.start_s, time_s, side="right")) - 1
    index = min(max(index, 0), len(curve.start_s) - 1)
    return float(curve.stop_s[index] - curve.start_s[index]) / float(np.sqrt(12.0))


def _added(error: float | None, more: float) -> float | None:
    return None if error is None else float(np.hypot(error, more))

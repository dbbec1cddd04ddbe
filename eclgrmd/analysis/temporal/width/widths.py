"""T90 and T50 from the cumulative curve of a burst, with errors from a parametric bootstrap."""

from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from eclgrmd.analysis.temporal.kernels.crossings import FRACTIONS, crossing_times
from eclgrmd.analysis.temporal.kernels.replicas import cumulated, replicas
from eclgrmd.analysis.temporal.kernels.resegment import resegmented
from eclgrmd.analysis.temporal.results import CumulativeCurve
from eclgrmd.analysis.temporal.search.decay import NO_DECAY, Decay
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import Width

from .calibration import NOTHING, Undetected, Unknown, flatness_of
from .cumulative import Layout
from .grid import Grid
from .hidden import hidden_shifts
from .koshut import crossing_errors

__all__ = ["Widths", "end_flatness", "measure_widths"]

_LEVELS = (2.275, 15.865, 84.135, 97.725)
"""Percentiles of a normal distribution at -2, -1, 1 and 2 sigma."""
_BESIDE = np.array([0.9, 0.95]), np.array([0.7, 0.8])
"""Fractions of the fluence between which the flatness at the end of T90 and of T50 is measured."""
_LEAST = 0.05
"""Smallest corrected width, as a fraction of the measured one; a choice that keeps it positive."""


@dataclass(frozen=True, slots=True, eq=False)
class Widths:
    """Durations and fluence of a burst, measured on its cumulative curve."""

    t90: Width
    """Time from 5 % to 95 % of the fluence."""
    t50: Width
    """Time from 25 % to 75 % of the fluence."""
    cumulative: CumulativeCurve
    """The cumulative curve."""
    fluence: Measurement
    """Total of the curve, in the unit of the layout's counts."""


def measure_widths(
    layout: Layout,
    number: int,
    seed: int,
    *,
    undetected: tuple[Undetected, Undetected] | None = None,
    grid: Grid | None = None,
    scales: Floats | None = None,
    decay: Decay = NO_DECAY,
) -> Widths:
    """Measure T90 and T50 on the cumulative curve of a burst, and their errors on replicas.

    Parameters
    ----------
    layout
        The cells of the burst and its tails.
    number
        Number of replicas.
    seed
        Seed of the random number generator.
    undetected
        Undetected emission that T90 and T50 miss; None: none.
    grid
        The whole light curve, if replicas are segmented and searched again. None if only the
        measurement is repeated.
    scales
        Systematic errors of the cells' scale: factors around 1, drawn for each replica, shape
        (number, n). None for no such error.
    decay
        Slow emission after the burst that the background may have absorbed.
    """
    cells, ends = layout.cells, (layout.before, layout.after)
    cumulative = cumulated(cells, *ends, layout.counts, cells.background)
    crossings = crossing_times(cells.time_s, cumulative, FRACTIONS)
    core = slice(layout.before.stop, layout.after.first)
    analytic = crossing_errors(cells, core, layout.counts, cumulative, FRACTIONS)
    rng = np.random.default_rng(seed)
    if grid is not None:
        moved, _, misfit = resegmented(*grid, FRACTIONS, number, rng)
    else:
        moved, misfit = replicas(cells, *ends, layout.counts, FRACTIONS, number, rng)
    hidden_s = hidden_shifts(decay, layout, cumulative, len(moved), rng)
    if scales is not None:
        rescaled, more = _rescaled(cells.time_s, cumulative, scales)
        moved, misfit = moved + (rescaled - crossings), misfit + more
    fluence = float(cumulative[-1])

    moved_s = _moved_by_background(layout)
    missed = _missed(undetected, cells.time_s, cumulative)

    def width(ends: list[int], unknown: Unknown) -> Width:
        measured = _width(crossings[ends], moved[:, ends], hidden_s[:, ends], unknown)
        return replace(
            measured,
            koshut_error_s=float(np.hypot(*analytic[ends])),
            background_error_s=float(np.linalg.norm(np.diff(moved_s[:, ends], axis=1))),
        )

    return Widths(
        t90=width([0, 3], missed[0]),
        t50=width([1, 2], missed[1]),
        cumulative=CumulativeCurve(
            time_s=cells.time_s,
            counts=cumulative,
            level_low=0.0,
            level_high=fluence,
            level_high_error=float(np.std(misfit)),
        ),
        fluence=Measurement(fluence, *_errors(misfit)),
    )


def end_flatness(time_s: Floats, cumulative: Floats) -> tuple[float, float]:
    """Return the flatness (`flatness_of`) of a cumulative curve at the ends of T90 and T50.

    Parameters
    ----------
    time_s, cumulative
        Edges of the cells, seconds, and the curve there, shape (n + 1,).
    """
    crossings = crossing_times(time_s, cumulative, FRACTIONS)
    lengths_s = float(crossings[3] - crossings[0]), float(crossings[2] - crossings[1])
    t90, t50 = (
        flatness_of(crossing_times(time_s, cumulative, beside), beside, length_s)
        for beside, length_s in zip(_BESIDE, lengths_s, strict=True)
    )
    return t90, t50


def _missed(
    undetected: tuple[Undetected, Undetected] | None, time_s: Floats, cumulative: Floats
) -> tuple[Unknown, Unknown]:
    """Return the effects of undetected emission on T90 and T50 of a cumulative curve."""
    if undetected is None:
        return NOTHING, NOTHING
    flatness = end_flatness(time_s, cumulative)
    return undetected[0].at_flatness(flatness[0]), undetected[1].at_flatness(flatness[1])


def _moved_by_background(layout: Layout) -> Floats:
    """Return the shifts of the crossings by each 1-sigma mode of the background, s, shape (m, 4).

    A shift is half the difference between both signs of the mode.
    """
    cells, ends = layout.cells, (layout.before, layout.after)
    moved = np.zeros((len(cells.modes), len(FRACTIONS)))
    for mode, deviation in enumerate(cells.modes):
        for sign in (1.0, -1.0):
            background = cells.background + sign * deviation
            curve = cumulated(cells, *ends, layout.counts, background)
            moved[mode] += 0.5 * sign * crossing_times(cells.time_s, curve, FRACTIONS)
    return moved


def _rescaled(time_s: Floats, cumulative: Floats, scales: Floats) -> tuple[Floats, Floats]:
    """Return crossing times of rescaled curves, shape (r, 4), and their excess fluence, (r,)."""
    curves = np.zeros((len(scales), len(cumulative)))
    curves[:, 1:] = np.cumsum(np.diff(cumulative) * scales, axis=1)
    moved = np.array([crossing_times(time_s, curve, FRACTIONS) for curve in curves])
    return moved, curves[:, -1] - cumulative[-1]


def _width(times: Floats, moved: Floats, hidden_s: Floats, unknown: Unknown) -> Width:
    """Return a width with errors from crossing times and the deviations of replicas.

    The median deviation of the replicas is the bias of the measurement. The width and its ends are
    corrected for it, and for the median loss below detection. Undetected emission is assumed to
    shift the end of the burst, not its start. Slow emission that is possible, but was not found,
    widens the errors and corrects nothing.
    """
    raw, deviations = float(times[1] - times[0]), moved - hidden_s
    middle = float(np.median(moved[:, 1] - moved[:, 0]))
    low, minus, plus, high = np.percentile(deviations[:, 1] - deviations[:, 0], _LEVELS)
    value = max(raw - middle, _LEAST * raw) * (1.0 + unknown.lost)
    earlier, later = unknown.down * value, unknown.up * value
    down, up = (
        float(np.hypot(max(plus - middle, 0.0), earlier)),
        float(np.hypot(middle - minus, later)),
    )
    far_down = float(np.hypot(max(high - middle, 0.0), unknown.far_down * value))
    far_up = float(np.hypot(middle - low, unknown.far_up * value))
    ends = times - np.median(moved, axis=0)
    ends[1] += value * unknown.lost / (1.0 + unknown.lost)
    shift = 0.5 * (value - float(ends[1] - ends[0]))
    start, stop = (_spread(moved[:, end], deviations[:, end]) for end in (0, 1))
    return Width(
        value_s=value,
        err_minus_s=down,
        err_plus_s=up,
        start_s=float(ends[0]) - shift,
        start_err_minus_s=start[0],
        start_err_plus_s=start[1],
        stop_s=float(ends[1]) + shift,
        stop_err_minus_s=float(np.hypot(stop[0], earlier)),
        stop_err_plus_s=float(np.hypot(stop[1], later)),
        interval95_s=(max(0.0, value - max(far_down, down)), value + max(far_up, up)),
    )


def _errors(deviation: Floats) -> tuple[float, float]:
    """Return the errors down and up; a positive deviation of replicas is an error downwards."""
    low, high = np.percentile(deviation, _LEVELS[1:3])
    return max(0.0, float(high)), max(0.0, -float(low))


def _spread(moved: Floats, deviations: Floats) -> tuple[float, float]:
    """Return the errors down and up after correction for the median of `moved`."""
    low, high = np.percentile(deviations, _LEVELS[1:3])
    middle = np.median(moved)
    return max(float(high - middle), 0.0), max(float(middle - low), 0.0)

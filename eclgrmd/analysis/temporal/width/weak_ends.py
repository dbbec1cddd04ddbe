"""Weak emission at the ends of a burst, on which its T90 may rest.

A block of thousands of counts can be significant although its rate is a few per cent of the
background. Other sources and particles change the background of a real detector by as much in the
time of a burst, and the errors of a smooth background do not contain that.
"""

import numpy as np

from eclgrmd.analysis.temporal.kernels.crossings import FRACTIONS, crossing_times
from eclgrmd.analysis.temporal.kernels.replicas import cumulated
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import LightCurve
from eclgrmd.model.result import Width

from .cumulative import Layout, part_of_layout, without_tails

__all__ = ["weak_end_flags"]

_LEAST_RATE = 0.03
"""Rate of a block, as a fraction of the background, below which it may be a change of the
background; a choice."""
_MOST_ERRORS = 2.0
"""Part of T90 that weak ends may make, in errors of T90; a choice."""


def weak_end_flags(
    curve: LightCurve, finding: Finding, layout: Layout, t90: Width
) -> tuple[Flag, ...]:
    """Return a flag if T90 is longer, by twice its error, than without weak blocks at the ends.

    Parameters
    ----------
    curve, finding
        The light curve with its blocks.
    layout
        Its cells.
    t90
        The measured T90.
    """
    if curve.background_subtracted or t90.err_minus_s is None:
        return ()
    inside = without_tails(layout)
    strong_s = _strong_part(curve, finding)
    shorter_s = 0.0
    if strong_s is not None:
        first, last = np.searchsorted(inside.cells.time_s, np.array(strong_s) - 1e-9)
        shorter_s = _t90_of(part_of_layout(inside, slice(int(first), int(last))))
    if _t90_of(inside) - shorter_s <= _MOST_ERRORS * t90.err_minus_s:
        return ()
    return (Flag(FlagCode.WEAK_ENDS, detail=f"{shorter_s:.3g} s without it"),)


def _strong_part(curve: LightCurve, finding: Finding) -> Interval | None:
    """Return the time from the first to the last block of the burst that is not weak, or None."""
    net = np.add.reduceat(curve.counts - finding.expected, finding.starts)
    background = np.add.reduceat(finding.expected, finding.starts)
    strong = np.flatnonzero(finding.burst & (net >= _LEAST_RATE * background))
    if len(strong) == 0:
        return None
    stops = np.append(finding.starts[1:], len(curve.counts)) - 1
    start_s, stop_s = curve.start_s[finding.starts[strong[0]]], curve.stop_s[stops[strong[-1]]]
    return float(start_s), float(stop_s)


def _t90_of(layout: Layout) -> float:
    """Return T90 of the counts in the cells, seconds, without correction for its bias."""
    cells = layout.cells
    curve = cumulated(cells, layout.before, layout.after, layout.counts, cells.background)
    times = crossing_times(cells.time_s, curve, FRACTIONS)
    return float(times[3] - times[0])

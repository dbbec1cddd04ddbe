"""Bin edges of the search: which stretch of the data is searched, and how finely."""

import numpy as np

from eclgrmd.analysis.temporal.curve.bins import frame_of, part_of, whole_frames
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import EventList, Floats, LightCurve
from eclgrmd.model.window import NEAR_S

__all__ = ["edges_of", "finer_edges", "finer_in_window", "part_near_trigger"]

_BINS_PER_BURST = 150
"""Number of bins in T100 that the second search aims at; a choice."""
_LEAST_BINS = 16
"""Number of bins of the first search that a configured window should have; a choice."""
_MAXIMUM_BINS = 100_000
"""Largest number of bins; longer data get wider bins. It bounds time and memory; a choice."""
_BEFORE_S, _AFTER_S = NEAR_S


def part_near_trigger(curve: LightCurve, configuration: TaskConfiguration) -> LightCurve:
    """Return the bins of a light curve that are searched."""
    if len(curve.counts) == 0:
        return curve
    low, high = _domain(float(curve.start_s[0]), float(curve.stop_s[-1]), configuration)
    near = (curve.stop_s > low) & (curve.start_s < high)
    return part_of(curve, near)


def edges_of(lists: list[EventList], bin_s: float, configuration: TaskConfiguration) -> Floats:
    """Return edges, at least `bin_s` apart, of the stretch that is searched in all event lists."""
    start, stop = _domain(
        max(float(events.gti_s[0, 0]) for events in lists),
        min(float(events.gti_s[-1, 1]) for events in lists),
        configuration,
    )
    if stop - start > _MAXIMUM_BINS * bin_s:
        bin_s *= float(np.ceil((stop - start) / (_MAXIMUM_BINS * bin_s)))
    if frame := frame_of(lists):
        # a power of two, so that a bin can be halved into whole frames
        bin_s = frame * 2.0 ** max(0.0, np.ceil(np.log2(bin_s / frame) - 1e-6))
    return whole_frames(lists, start, stop, bin_s)


def finer_in_window(edges_s: Floats, duration: DurationChoice, finest_s: float) -> Floats:
    """Return edges with the bins in and near a configured window split if few would fit into it."""
    if duration.t_min_s is None or duration.t_max_s is None or duration.bin_s is not None:
        return edges_s
    window_s = (duration.t_min_s, duration.t_max_s)
    few = window_s[1] - window_s[0] < _LEAST_BINS * float(edges_s[1] - edges_s[0])
    return finer_edges(edges_s, window_s, finest_s) if few else edges_s


def finer_edges(edges_s: Floats, t100_s: Interval, finest_s: float) -> Floats:
    """Return edges with the bins in and near a short burst split by a power of two.

    No bin becomes shorter than `finest_s`.
    """
    width = t100_s[1] - t100_s[0]
    bin_s = float(edges_s[1] - edges_s[0])
    wanted = max(finest_s, width / _BINS_PER_BURST)
    split = 2 ** int(np.floor(np.log2(max(1.0, bin_s / wanted)) + 1e-6))
    if split == 1:
        return edges_s
    low, high = t100_s[0] - width - bin_s, t100_s[1] + width + bin_s
    inside = (edges_s[:-1] >= low) & (edges_s[1:] <= high)
    steps = np.arange(split) * (bin_s / split)
    fine = (edges_s[:-1][inside][:, None] + steps).ravel()
    return np.unique(np.concatenate([edges_s, fine]))


def _domain(start_s: float, stop_s: float, configuration: TaskConfiguration) -> Interval:
    """Return the part of the data to search: 500 s before to 1000 s after t0, or more.

    It is extended around a configured window. No single fit describes the background over hours of
    an orbit, and the trigger time shows where to look.
    """
    duration = configuration.duration
    low = _BEFORE_S if duration.t_min_s is None else min(_BEFORE_S, duration.t_min_s + _BEFORE_S)
    high = _AFTER_S if duration.t_max_s is None else max(_AFTER_S, duration.t_max_s - _BEFORE_S)
    if start_s > high or stop_s < low:
        return start_s, stop_s
    return max(start_s, low), min(stop_s, high)

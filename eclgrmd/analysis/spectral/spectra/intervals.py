"""The intervals of spectra: explicit ones, and named ones that are found in the light curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from eclgrmd.analysis.character.morphology import blocks_of, describe_shape
from eclgrmd.analysis.temporal.results import DurationMeasurement, TemporalAnalysis
from eclgrmd.analysis.temporal.search.significance import significance_gaussian_background
from eclgrmd.model.configuration.sections import IntervalName, SpectralChoice
from eclgrmd.model.flags import Flag, FlagCode

__all__ = ["SpectrumInterval", "choose_intervals"]

_PEAK_S = 1.0
"""Length of the `peak` interval, seconds: the 1 s of the peak flux in burst catalogues."""


@dataclass(frozen=True, slots=True)
class SpectrumInterval:
    """A time interval over which spectra are integrated."""

    start_s: float
    """Start, seconds after t0."""
    stop_s: float
    """Stop, seconds after t0."""
    kind: str
    """t100, t90, peak, precursor, pre_slew, slew, post_slew, block, significance or interval."""
    flags: tuple[Flag, ...] = ()
    """Differences from the requested interval."""


def choose_intervals(
    choice: SpectralChoice, temporal: TemporalAnalysis | None
) -> tuple[tuple[SpectrumInterval, ...], tuple[Flag, ...]]:
    """Return the configured intervals, in their order.

    Returns
    -------
    tuple
        The intervals, and a flag for each named one that the light curves do not contain.
    """
    found: list[SpectrumInterval] = []
    flags: list[Flag] = []
    for wanted in choice.intervals:
        if not isinstance(wanted, str):
            found.append(SpectrumInterval(wanted[0], wanted[1], "interval"))
            continue
        named = [] if temporal is None else _named(wanted, temporal, choice)
        if not named:
            flags.append(Flag(FlagCode.NO_INTERVAL, subject=wanted))
        found += named
    return tuple(found), tuple(flags)


def _named(
    name: IntervalName, temporal: TemporalAnalysis, choice: SpectralChoice
) -> list[SpectrumInterval]:
    if temporal.t100_s is None or not temporal.durations:
        return []
    t100, reference = temporal.t100_s, temporal.durations[0]
    match name:
        case "t100":
            found = [SpectrumInterval(*t100, "t100")]
        case "t90":
            found = _t90(reference)
        case "peak":
            found = [SpectrumInterval(*_peak(reference, t100), "peak")]
        case "precursor":
            found = _precursors(reference)
        case "blocks":
            found = _blocks(reference, t100)
        case "significance":
            found = _significant(reference, t100, choice.resolved_sigma)
        case "pre_slew" | "slew" | "post_slew":
            slews = (choice.slew_s,) if choice.slew_s else temporal.slews_s
            found = _about_slew(name, t100, slews)
        case _:
            assert_never(name)
    return found


def _t90(reference: DurationMeasurement) -> list[SpectrumInterval]:
    start, stop = reference.t90.start_s, reference.t90.stop_s
    if start is None or stop is None or not stop > start:
        return []
    return [SpectrumInterval(start, stop, "t90")]


def _peak(reference: DurationMeasurement, t100_s: tuple[float, float]) -> tuple[float, float]:
    """Return the one second (or all of a shorter burst) with the most net counts."""
    curve = reference.curve
    if t100_s[1] - t100_s[0] <= _PEAK_S:
        return t100_s
    edges = np.append(curve.start_s, curve.stop_s[-1])
    cumulative = np.concatenate([[0.0], np.cumsum(curve.counts - reference.background_counts)])
    inside = (curve.start_s >= t100_s[0]) & (curve.start_s + _PEAK_S <= t100_s[1])
    starts = curve.start_s[inside]
    if not len(starts):
        return t100_s
    gain = np.interp(starts + _PEAK_S, edges, cumulative) - np.interp(starts, edges, cumulative)
    best = float(starts[int(np.argmax(gain))])
    return best, best + _PEAK_S


def _blocks(reference: DurationMeasurement, t100_s: tuple[float, float]) -> list[SpectrumInterval]:
    edges = reference.block_edges_s
    start, stop = np.maximum(edges[:-1], t100_s[0]), np.minimum(edges[1:], t100_s[1])
    return [
        SpectrumInterval(float(a), float(b), "block")
        for a, b in zip(start, stop, strict=True)
        if b - a > 1e-6
    ]


def _precursors(reference: DurationMeasurement) -> list[SpectrumInterval]:
    """Return the episodes before the main one."""
    shape = describe_shape(blocks_of(reference))
    if shape is None:
        return []
    early = shape.episodes_s[: shape.main_episode]
    return [SpectrumInterval(start, stop, "precursor") for start, stop in early]


def _about_slew(
    name: str, t100_s: tuple[float, float], slews_s: Sequence[tuple[float, float]]
) -> list[SpectrumInterval]:
    """Return the part of the burst before, during or after the first slew."""
    during = [(start, stop) for start, stop in slews_s if stop > t100_s[0]]
    if not during:
        return []
    begin, end = during[0]
    parts = {
        "pre_slew": (t100_s[0], min(t100_s[1], begin)),
        "slew": (max(t100_s[0], begin), min(t100_s[1], end)),
        "post_slew": (max(t100_s[0], end), t100_s[1]),
    }
    start, stop = parts[name]
    return [SpectrumInterval(start, stop, name)] if stop > start else []


def _significant(
    reference: DurationMeasurement, t100_s: tuple[float, float], target: float
) -> list[SpectrumInterval]:
    """Return consecutive intervals of a target significance; the rest is added to the last one."""
    curve = reference.curve
    inside = np.flatnonzero(
        (curve.start_s >= t100_s[0] - 1e-9) & (curve.stop_s <= t100_s[1] + 1e-9)
    )
    edges: list[float] = []
    first = 0
    for last in range(len(inside)):
        part = inside[first : last + 1]
        sigma = significance_gaussian_background(
            float(curve.counts[part].sum()),
            float(reference.background_counts[part].sum()),
            float(reference.background_error_counts[part].sum()),
        )
        if sigma >= target:
            edges.append(float(curve.stop_s[inside[last]]))
            first = last + 1
    if not edges:
        return []
    stops = [*edges[:-1], t100_s[1]]
    starts = [t100_s[0], *stops[:-1]]
    return [SpectrumInterval(a, b, "significance") for a, b in zip(starts, stops, strict=True)]

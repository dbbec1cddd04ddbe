"""The intervals over which spectra are integrated: named ones are found in the light curves."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.analysis.temporal.results import DurationMeasurement, TemporalAnalysis
from eclgrmd.model.configuration import SpectralChoice

__all__ = ["SpectrumInterval", "choose_intervals"]

_PEAK_S = 1.0


@dataclass(frozen=True, slots=True)
class SpectrumInterval:
    """What to integrate over, and why it is of interest."""

    start_s: float
    stop_s: float
    kind: str
    """t100, t90, peak, block or interval."""


def choose_intervals(
    choice: SpectralChoice, temporal: TemporalAnalysis | None
) -> tuple[tuple[SpectrumInterval, ...], tuple[str, ...]]:
    """Resolve the configured intervals, in their order.

    Returns
    -------
    tuple
        The intervals, and a flag for each named one that the light curves do not give.
    """
    found: list[SpectrumInterval] = []
    flags: list[str] = []
    for wanted in choice.intervals:
        if not isinstance(wanted, str):
            found.append(SpectrumInterval(wanted[0], wanted[1], "interval"))
            continue
        named = [] if temporal is None else _named(wanted, temporal)
        if not named:
            flags.append(f"no_{wanted}_interval")
        found += named
    return tuple(found), tuple(flags)


def _named(name: str, temporal: TemporalAnalysis) -> list[SpectrumInterval]:
    if temporal.t100_s is None or not temporal.durations:
        return []
    t100, reference = temporal.t100_s, temporal.durations[0]
    match name:
        case "t100":
            return [SpectrumInterval(*t100, "t100")]
        case "t90":
            return _t90(reference)
        case "peak":
            return [SpectrumInterval(*_peak(reference, t100), "peak")]
        case _:
            return _blocks(reference, t100)


def _t90(reference: DurationMeasurement) -> list[SpectrumInterval]:
    start, stop = reference.t90.start_s, reference.t90.stop_s
    if start is None or stop is None or not stop > start:
        return []
    return [SpectrumInterval(start, stop, "t90")]


def _peak(reference: DurationMeasurement, t100_s: tuple[float, float]) -> tuple[float, float]:
    """Find the second (or the whole of a shorter burst) with the most net counts."""
    curve = reference.curve
    if t100_s[1] - t100_s[0] <= _PEAK_S:
        return t100_s
    edges = np.append(curve.start_s, curve.stop_s[-1])
    cumulative = np.concatenate([[0.0], np.cumsum(curve.counts - reference.background)])
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

"""All figures of an analysis: light curves, each interval's spectra, all intervals together."""

from collections.abc import Iterator, Sequence
from itertools import islice

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.derived.evolution import evolution_of
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement, TemporalAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import BurstId
from eclgrmd.model.result import RestFrame

from .curves import Curves
from .figures import (
    bands_figure,
    corner_figure,
    cumulative_figure,
    evolution_figure,
    light_curve_figure,
    nufnu_figure,
    planes_figure,
    spectrum_figure,
)
from .figures.bands import BINS_SHOWN
from .figures.duration import window_of
from .formatting import model_name
from .naming import UniqueNames, interval_labels, product_name
from .product import PNG, Product, ProductKind

__all__ = ["MOST_FIGURES", "draw_figures"]

MOST_FIGURES = 40
"""Largest number of intervals with figures, which limits the time for bursts of many blocks; the
first intervals are drawn."""


def draw_figures(analysis: BurstAnalysis, configuration: TaskConfiguration) -> Iterator[Product]:
    """Yield each figure as it is drawn."""
    unique = UniqueNames()
    if analysis.temporal is not None:
        burst_id = analysis.observation.burst_id
        yield from _temporal_figures(burst_id, analysis.temporal, unique)
        for duration in analysis.temporal.durations:
            curves = Curves(analysis.observation, duration, configuration.light_curves)
            yield from _bands_figure(burst_id, duration, curves, unique)
    yield from _spectral_figures(analysis, unique)


def _temporal_figures(
    burst_id: BurstId, temporal: TemporalAnalysis, unique: UniqueNames
) -> Iterator[Product]:
    durations = temporal.durations
    instruments = [duration.instrument for duration in durations]
    if durations:
        name = unique(product_name(instruments, "LC", suffix=".png"))
        yield _figure(name, light_curve_figure(burst_id, temporal))
    if any(duration.cumulative for duration in durations):
        name = unique(product_name(instruments, "LC", "CUM", suffix=".png"))
        yield _figure(name, cumulative_figure(burst_id, temporal))


def _bands_figure(
    burst_id: BurstId, duration: DurationMeasurement, curves: Curves, unique: UniqueNames
) -> Iterator[Product]:
    shown = curves.shown(window_of(duration), BINS_SHOWN)
    if len(shown) > 1:
        name = unique(product_name([duration.instrument], "LC", "BANDS", suffix=".png"))
        yield _figure(name, bands_figure(burst_id, duration, shown))


def _spectral_figures(analysis: BurstAnalysis, unique: UniqueNames) -> Iterator[Product]:
    burst_id = analysis.observation.burst_id
    intervals = analysis.spectral.intervals if analysis.spectral else ()
    if not intervals:
        return
    labels = interval_labels([interval.kind for interval in intervals])
    for label, interval in islice(zip(labels, intervals, strict=True), MOST_FIGURES):
        yield from _interval_figures(burst_id, interval, label, unique)
    durations = analysis.temporal.durations if analysis.temporal else ()
    yield from _evolution(burst_id, intervals, durations, unique)
    yield from _planes(burst_id, intervals, unique)


def _named(interval: IntervalFits, what: str, sub: str, unique: UniqueNames) -> str:
    instruments = [spectrum.instrument for spectrum in interval.spectra]
    return unique(product_name(instruments, what, sub, suffix=".png"))


def _interval_figures(
    burst_id: BurstId, interval: IntervalFits, label: str, unique: UniqueNames
) -> Iterator[Product]:
    if interval.models:
        name = _named(interval, "SPE", label, unique)
        yield _figure(name, spectrum_figure(burst_id, interval))
    if any(fit.nufnu for fit in interval.models):
        name = _named(interval, "SED", label, unique)
        yield _figure(name, nufnu_figure(burst_id, interval))
    for fit in interval.models:
        if fit.posterior is not None:
            name = _named(interval, "POST", label, unique)
            yield _figure(name, corner_figure(burst_id, fit.name, fit.posterior))


def _evolution(
    burst_id: BurstId,
    intervals: Sequence[IntervalFits],
    durations: Sequence[DurationMeasurement],
    unique: UniqueNames,
) -> Iterator[Product]:
    points = evolution_of(intervals)
    if points:
        duration = durations[0] if durations else None
        name = _named(intervals[0], "EVOL", points[0].kind.upper(), unique)
        yield _figure(name, evolution_figure(burst_id, points, duration))


def _planes(
    burst_id: BurstId, intervals: Sequence[IntervalFits], unique: UniqueNames
) -> Iterator[Product]:
    """Yield the figure of Eiso of the whole burst and the luminosity of its peak, if fitted."""
    reference = intervals[0].models[0]
    whole = _with_peak(reference.rest_frame)
    if not whole:
        return
    peak = next((each for each in intervals if each.kind == "peak" and each.models), None)
    at_peak = _with_peak(peak.models[0].rest_frame) if peak else ()
    name = _named(intervals[0], "PLANES", "", unique)
    yield _figure(name, planes_figure(burst_id, whole, at_peak, model_name(reference.name)))


def _with_peak(frames: Sequence[RestFrame]) -> tuple[RestFrame, ...]:
    return tuple(frame for frame in frames if frame.epeak_kev.value is not None)


def _figure(name: str, content: bytes) -> Product:
    return Product(name, ProductKind.FIGURE, PNG, content)

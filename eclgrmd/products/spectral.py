"""Products of the spectral analysis: figures, tables and commands for each interval."""

from collections import Counter
from collections.abc import Iterator, Sequence

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.derived.evolution import evolution_of
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.configuration.sections import ProductChoice
from eclgrmd.model.names import BurstId
from eclgrmd.model.result import RestFrame

from .figures import (
    corner_figure,
    evolution_figure,
    nufnu_figure,
    planes_figure,
    spectrum_figure,
)
from .file_keywords import FileKeywords
from .formatting import model_name
from .naming import UniqueNames, product_name
from .product import PNG, Product, ProductKind
from .tables import spectrum_tables

__all__ = ["MOST_FIGURES", "spectral_products"]

MOST_FIGURES = 40
"""Largest number of intervals with figures, which limits the time for bursts of many blocks; the
first intervals are drawn."""


def spectral_products(
    analysis: BurstAnalysis, choice: ProductChoice, keywords: FileKeywords, unique: UniqueNames
) -> Iterator[Product]:
    """Yield figures and files of every interval, then the figures of all intervals together."""
    burst_id = analysis.observation.burst_id
    intervals = analysis.spectral.intervals if analysis.spectral else ()
    for number, (label, interval) in enumerate(_labelled(intervals)):
        if choice.figures and number < MOST_FIGURES:
            yield from _interval_figures(burst_id, interval, label, unique)
        if choice.tables:
            yield from spectrum_tables(interval, label, keywords, unique)
    if choice.figures and intervals:
        durations = analysis.temporal.durations if analysis.temporal else ()
        yield from _evolution(burst_id, intervals, durations, unique)
        yield from _planes(burst_id, intervals, unique)


def _labelled(intervals: Sequence[IntervalFits]) -> Iterator[tuple[str, IntervalFits]]:
    """Yield each interval with a unique label: its kind, numbered if the kind occurs repeatedly."""
    count = Counter(interval.kind for interval in intervals)
    number: Counter[str] = Counter()
    for interval in intervals:
        kind = interval.kind
        number[kind] += 1
        yield f"{kind.upper()}{number[kind]:02d}" if count[kind] > 1 else kind.upper(), interval


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

"""All products of an analysis, one after the other."""

from collections import Counter
from collections.abc import Iterator, Sequence

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement, TemporalAnalysis
from eclgrmd.model.names import BurstId
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Result

from .background_models import background_model_tables
from .curves import Curves
from .environment import environment_of, signed
from .figures import (
    bands_figure,
    cumulative_figure,
    light_curve_figure,
    nufnu_figure,
    spectrum_figure,
)
from .figures.bands import BINS_SHOWN
from .figures.duration import window_of
from .light_curves import light_curve_tables
from .naming import UniqueNames, product_name
from .origin import Origin
from .product import JSON, PNG, TEXT, Product, ProductKind
from .result import encode_result
from .summary import summary_text
from .tables import spectrum_tables

__all__ = ["make_products"]

MOST_FIGURES = 12
"""Intervals that get figures: of a burst cut into many blocks, the first ones."""


def make_products(
    analysis: BurstAnalysis, result: Result, request: PipelineRequest
) -> Iterator[Product]:
    """Make the products in the order of their use: numbers, text, figures, tables.

    Names are unique within the request. Each product is made when it is asked for, so that it
    can be written before the next one takes memory.
    """
    environment = environment_of(request)
    for product in _made(analysis, result, request):
        yield signed(product, environment)


def _made(analysis: BurstAnalysis, result: Result, request: PipelineRequest) -> Iterator[Product]:
    yield Product("result.json", ProductKind.RESULT, JSON, encode_result(result))
    yield Product("summary.txt", ProductKind.SUMMARY, TEXT, summary_text(result).encode())
    unique, origin = UniqueNames(), Origin(analysis.observation, request)
    burst_id, choice = analysis.observation.burst_id, request.configuration.products
    if analysis.temporal is not None:
        if choice.figures:
            yield from _temporal_figures(burst_id, analysis.temporal, unique)
        for duration in analysis.temporal.durations:
            curves = Curves(analysis.observation, duration, request.configuration.light_curves)
            if choice.figures:
                yield from _bands_figure(burst_id, duration, curves, unique)
            if choice.tables:
                yield from light_curve_tables(duration, curves, origin, unique)
        if choice.tables:
            yield from background_model_tables(
                analysis.observation, analysis.temporal, origin, unique
            )
    intervals = analysis.spectral.intervals if analysis.spectral else ()
    for number, (label, interval) in enumerate(_labelled(intervals)):
        if choice.figures and number < MOST_FIGURES:
            yield from _spectrum_figures(burst_id, interval, label, unique)
        if choice.tables:
            yield from spectrum_tables(interval, label, origin, unique)


def _labelled(intervals: Sequence[IntervalFits]) -> Iterator[tuple[str, IntervalFits]]:
    """Tell intervals apart: by kind, and by number where a kind comes more than once."""
    count = Counter(interval.kind for interval in intervals)
    number: Counter[str] = Counter()
    for interval in intervals:
        kind = interval.kind
        number[kind] += 1
        yield f"{kind.upper()}{number[kind]:02d}" if count[kind] > 1 else kind.upper(), interval


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


def _spectrum_figures(
    burst_id: BurstId, interval: IntervalFits, label: str, unique: UniqueNames
) -> Iterator[Product]:
    instruments = [spectrum.instrument for spectrum in interval.spectra]
    if interval.fits:
        name = unique(product_name(instruments, "SPE", label, suffix=".png"))
        yield _figure(name, spectrum_figure(burst_id, interval))
    if any(fit.nufnu for fit in interval.fits):
        name = unique(product_name(instruments, "SED", label, suffix=".png"))
        yield _figure(name, nufnu_figure(burst_id, interval))


def _figure(name: str, content: bytes) -> Product:
    return Product(name, ProductKind.FIGURE, PNG, content)

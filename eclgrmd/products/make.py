"""All products of an analysis, in order."""

from collections.abc import Iterator

from eclgrmd.analysis.burst import BurstAnalysis
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
)
from .figures.bands import BINS_SHOWN
from .figures.duration import window_of
from .file_keywords import file_keywords_of
from .light_curves import light_curve_tables
from .naming import UniqueNames, product_name
from .product import JSON, PNG, TEXT, Product, ProductKind
from .result import encode
from .spectral import spectral_products
from .summary import summary_text

__all__ = ["make_products"]


def make_products(
    analysis: BurstAnalysis, result: Result, request: PipelineRequest
) -> Iterator[Product]:
    """Yield the products in the order of their use: numbers, text, figures, tables.

    Names are unique within the request. Each product is made only when the iterator reaches it, so
    that it can be written before the next one needs memory.

    Parameters
    ----------
    analysis, result
        Results of the analysis, and the document made of them.
    request
        The task, with its configuration and input files.
    """
    environment = environment_of(request)
    for product in _products(analysis, result, request):
        yield signed(product, environment)


def _products(
    analysis: BurstAnalysis, result: Result, request: PipelineRequest
) -> Iterator[Product]:
    yield Product("result.json", ProductKind.RESULT, JSON, encode(result))
    yield Product("summary.txt", ProductKind.SUMMARY, TEXT, summary_text(result).encode())
    unique, keywords = UniqueNames(), file_keywords_of(analysis.observation, request)
    burst_id, choice = analysis.observation.burst_id, request.configuration.products
    if analysis.temporal is not None:
        if choice.figures:
            yield from _temporal_figures(burst_id, analysis.temporal, unique)
        for duration in analysis.temporal.durations:
            curves = Curves(analysis.observation, duration, request.configuration.light_curves)
            if choice.figures:
                yield from _bands_figure(burst_id, duration, curves, unique)
            if choice.tables:
                yield from light_curve_tables(duration, curves, keywords, unique)
        if choice.tables:
            yield from background_model_tables(
                analysis.observation, analysis.temporal, keywords, unique
            )
    yield from spectral_products(analysis, choice, keywords, unique)


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


def _figure(name: str, content: bytes) -> Product:
    return Product(name, ProductKind.FIGURE, PNG, content)

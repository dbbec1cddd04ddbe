"""All products of an analysis: numbers, text and tables first, then figures."""

from collections.abc import Iterator

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Result

from .background_models import background_model_tables
from .curves import Curves
from .environment import environment_of, signed
from .file_keywords import file_keywords_of
from .light_curves import light_curve_tables
from .naming import UniqueNames
from .product import JSON, TEXT, Product, ProductKind
from .result import encode
from .scat import scat_tables
from .summary import summary_text
from .tables import spectra_tables

__all__ = ["make_figures", "make_products"]


def make_products(
    analysis: BurstAnalysis, result: Result, request: PipelineRequest
) -> Iterator[Product]:
    """Yield all products except the figures, in the order of their use: numbers, text, tables.

    Names are unique within the request. Each product is made only when the iterator reaches it, so
    that it can be written before the next one needs memory.

    Parameters
    ----------
    analysis, result
        Results of the analysis, and the document made of them.
    request
        The task, with its configuration and input files.
    """
    yield Product("result.json", ProductKind.RESULT, JSON, encode(result))
    yield Product("summary.txt", ProductKind.SUMMARY, TEXT, summary_text(result).encode())
    if request.configuration.products.tables:
        yield from _tables(analysis, request)


def make_figures(analysis: BurstAnalysis, request: PipelineRequest) -> Iterator[Product]:
    """Yield the figures, with task, configuration, inputs and software versions as a text chunk.

    Names are unique within the request, also among the other products.
    """
    # A run without figures needs no plotting library, and others need it only after the numbers.
    from .drawing import draw_figures  # noqa: PLC0415

    environment = environment_of(request)
    for figure in draw_figures(analysis, request.configuration):
        yield signed(figure, environment)


def _tables(analysis: BurstAnalysis, request: PipelineRequest) -> Iterator[Product]:
    unique, keywords = UniqueNames(), file_keywords_of(analysis.observation, request)
    if analysis.temporal is not None:
        for duration in analysis.temporal.durations:
            curves = Curves(analysis.observation, duration, request.configuration.light_curves)
            yield from light_curve_tables(duration, curves, keywords, unique)
        yield from background_model_tables(
            analysis.observation, analysis.temporal, keywords, unique
        )
    if analysis.spectral is not None:
        yield from spectra_tables(analysis.spectral.intervals, keywords, unique)
        yield from scat_tables(analysis.spectral.intervals, keywords, unique)

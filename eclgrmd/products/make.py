"""All products of an analysis, one after the other."""

from collections.abc import Iterator

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Result

from .figures import light_curve_figure, spectrum_figure
from .naming import product_name
from .product import JSON, PNG, TEXT, Product, ProductKind
from .result import encode_result
from .summary import summary_text

__all__ = ["make_products"]


def make_products(
    analysis: BurstAnalysis, result: Result, request: PipelineRequest
) -> Iterator[Product]:
    """Make the products in the order of their use: numbers, text, figures, tables.

    Names are unique. Each product is made when it is asked for, so that it can be written before
    the next one takes memory.
    """
    yield Product("result.json", ProductKind.RESULT, JSON, encode_result(result))
    yield Product("summary.txt", ProductKind.SUMMARY, TEXT, summary_text(result).encode())
    if analysis.temporal is not None and analysis.temporal.durations:
        yield _light_curve_figure(analysis.observation.burst_id, analysis.temporal)
    if analysis.spectral is not None:
        yield from _spectrum_figures(analysis.observation.burst_id, analysis.spectral.intervals)


def _light_curve_figure(burst_id: str, temporal: TemporalAnalysis) -> Product:
    name = product_name((each.instrument for each in temporal.durations), "LC", suffix=".png")
    return Product(name, ProductKind.FIGURE, PNG, light_curve_figure(burst_id, temporal))


def _spectrum_figures(burst_id: str, intervals: tuple[IntervalFits, ...]) -> Iterator[Product]:
    for interval in intervals:
        if not interval.fits:
            continue
        instruments = (spectrum.instrument for spectrum in interval.spectra)
        name = product_name(instruments, "SPE", interval.kind, suffix=".png")
        yield Product(name, ProductKind.FIGURE, PNG, spectrum_figure(burst_id, interval))

"""All products of an analysis, one after the other."""

from collections.abc import Iterator

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.model.names import BurstId
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Result

from .figures import cumulative_figure, light_curve_figure, nufnu_figure, spectrum_figure
from .naming import UniqueNames, product_name
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
    yield from _figures(analysis)


def _figures(analysis: BurstAnalysis) -> Iterator[Product]:
    name = UniqueNames()
    burst_id = analysis.observation.burst_id
    durations = analysis.temporal.durations if analysis.temporal else ()
    instruments = [duration.instrument for duration in durations]
    if analysis.temporal and durations:
        content = light_curve_figure(burst_id, analysis.temporal)
        yield _figure(name(product_name(instruments, "LC", suffix=".png")), content)
    if analysis.temporal and any(duration.cumulative for duration in durations):
        content = cumulative_figure(burst_id, analysis.temporal)
        yield _figure(name(product_name(instruments, "LC", "CUM", suffix=".png")), content)
    for interval in analysis.spectral.intervals if analysis.spectral else ():
        yield from _spectrum_figures(burst_id, interval, name)


def _spectrum_figures(
    burst_id: BurstId, interval: IntervalFits, name: UniqueNames
) -> Iterator[Product]:
    instruments = [spectrum.instrument for spectrum in interval.spectra]
    if interval.fits:
        content = spectrum_figure(burst_id, interval)
        yield _figure(name(product_name(instruments, "SPE", interval.kind, suffix=".png")), content)
    if any(fit.nufnu for fit in interval.fits):
        content = nufnu_figure(burst_id, interval)
        yield _figure(name(product_name(instruments, "SED", interval.kind, suffix=".png")), content)


def _figure(name: str, content: bytes) -> Product:
    return Product(name, ProductKind.FIGURE, PNG, content)

"""Light curves as OGIP FITS files: several binnings, energy bands and Bayesian blocks."""

from collections.abc import Iterator

import numpy as np

from eclgrmd.analysis.temporal.results import BackgroundFit, DurationMeasurement
from eclgrmd.formats import CurveWithBackground, Spline, light_curves_to_fits
from eclgrmd.model.intervals import Interval

from .curves import Curves
from .file_keywords import FileKeywords
from .naming import UniqueNames, product_name
from .product import FITS, Product, ProductKind

__all__ = ["light_curve_tables"]

BINS_S = (0.064, 1.0)
"""Default bin widths, seconds."""
FINE_BIN_S = 0.004
"""Bin width for short bursts, seconds; a choice."""
SHORT_S = 2.0
"""T90, seconds, below which a burst also gets fine bins: the usual limit of short bursts."""
AROUND_SHORT_S = 10.0
"""Time before and after a short burst that the fine bins cover, seconds."""
MOST_BINS = 1_000_000
"""Largest number of bins of a file (18 hours of 64 ms), because larger files take gigabytes."""


def light_curve_tables(
    duration: DurationMeasurement, curves: Curves, keywords: FileKeywords, unique: UniqueNames
) -> Iterator[Product]:
    """Yield a file per binning, with the measured band and the instrument's bands, and the blocks.

    Events are binned as configured, or by default to 64 ms and 1 s, and to 4 ms around a burst with
    T90 below 2 s. Bins are widened if there would be more than a million. Binned data keep their
    bins.
    """
    for label, found in _binnings(duration, curves):
        yield _product(duration, label, found, None, keywords, unique)
    blocks, fit = curves.blocks(), duration.background_fit
    if blocks is not None:
        spline = None if fit is None else _spline(fit)
        yield _product(duration, "BLOCKS", [blocks], spline, keywords, unique)


def _binnings(
    duration: DurationMeasurement, curves: Curves
) -> Iterator[tuple[str, list[CurveWithBackground]]]:
    if not curves.rebinnable:
        measured = curves.measured()
        width_s = float(np.median(measured.curve.stop_s - measured.curve.start_s))
        yield _label(width_s), [measured, *curves.bands(curves.span_s, width_s)]
        return
    windows = [(bin_s, curves.span_s) for bin_s in curves.bins_s or BINS_S]
    t90_s, t100_s = duration.t90.value_s, duration.t100_s
    if not curves.bins_s and t100_s is not None and t90_s is not None and t90_s < SHORT_S:
        window = (t100_s[0] - AROUND_SHORT_S, t100_s[1] + AROUND_SHORT_S)
        windows.insert(0, (FINE_BIN_S, window))
    for wanted_s, window_s in windows:
        bin_s = _affordable(wanted_s, window_s)
        total = curves.total(window_s, bin_s)
        if total is not None:
            yield _label(bin_s), [total, *curves.bands(window_s, bin_s)]


def _affordable(bin_s: float, window_s: Interval) -> float:
    """Return the bin width, doubled until there are at most a million bins in the window."""
    while (window_s[1] - window_s[0]) / bin_s > MOST_BINS:
        bin_s *= 2.0
    return bin_s


def _label(bin_s: float) -> str:
    return f"{bin_s:.6g}S" if bin_s == 1.0 or bin_s >= 10.0 else f"{1e3 * bin_s:.4g}MS"


def _product(
    duration: DurationMeasurement,
    label: str,
    curves: list[CurveWithBackground],
    spline: Spline | None,
    keywords: FileKeywords,
    unique: UniqueNames,
) -> Product:
    name = unique(product_name([duration.instrument], "LC", label, suffix=".fits"))
    mission = duration.curve.maker.partition("/")[0]
    provenance = keywords.of(duration.instrument, name, mission)
    content = light_curves_to_fits(curves, provenance, spline)
    return Product(name, ProductKind.LIGHT_CURVE, FITS, content)


def _spline(fit: BackgroundFit) -> Spline:
    fit = fit.as_spline()
    return Spline(
        intervals_s=fit.intervals_s,
        coefficients=fit.coefficients.sum(axis=0),
        covariance=fit.covariance.sum(axis=0),
        origin_s=fit.origin_s,
        unit_s=fit.unit_s,
        knots_s=fit.knots_s,
        statistic=float(fit.statistic.sum()),
        dof=fit.dof,
    )

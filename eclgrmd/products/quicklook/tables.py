"""Products of the quick look as FITS files."""

from collections.abc import Iterator, Sequence

from eclgrmd.analysis.quicklook.results import InstrumentSoFar
from eclgrmd.analysis.temporal.curve.curves import curve_from_histories
from eclgrmd.formats import CurveWithBackground, light_curves_to_fits
from eclgrmd.formats.write.write_row import Value, row_to_fits
from eclgrmd.model.flags import texts
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.result import Classification, HardnessRatio, SpectrumFits, Width
from eclgrmd.products.file_keywords import FileKeywords
from eclgrmd.products.naming import instrument_name
from eclgrmd.products.product import FITS, Product, ProductKind

__all__ = ["quick_look_tables"]


def quick_look_tables(
    update: QuickLookUpdate, instruments: Sequence[InstrumentSoFar], keywords: FileKeywords
) -> Iterator[Product]:
    """Return a FITS file for each measured result.

    Parameters
    ----------
    update
        The update, with all numbers.
    instruments
        The light curves of each instrument.
    keywords
        The primary keywords.
    """
    for found in instruments:
        yield _light_curves(found, keywords)
    for seen in update.instruments:
        name = seen.instrument
        if seen.duration.t90.value_s is not None:
            yield _table(f"QDUR_{name}", name, "DURATION", _durations(seen), keywords)
        if seen.hardness is not None:
            yield _table(f"QHR_{name}", name, "HARDNESS", _hardness(seen.hardness), keywords)
    if update.classification is not None and update.reference is not None:
        yield _table("CRCLASS", update.reference, "CLASS", _class(update.classification), keywords)
    if update.spectrum is not None:
        name = _instrument_of(update)
        yield _table(f"QSP_{name}", name, "SPECTRUM", _spectrum(update.spectrum), keywords)


def _light_curves(found: InstrumentSoFar, keywords: FileKeywords) -> Product:
    """Return light curves of the measured band, with its background, and of each packet band."""
    measured, name = found.measurement, f"QLC_{found.instrument}.fits"
    curves = [
        CurveWithBackground(
            measured.curve, measured.background_counts, measured.background_error_counts
        ),
        *(
            CurveWithBackground(curve_from_histories(found.histories, band))
            for band in found.bands_kev
        ),
    ]
    content = light_curves_to_fits(curves, keywords.of(found.instrument, name))
    return Product(name, ProductKind.LIGHT_CURVE, FITS, content)


def _table(
    card: str, instrument: str, extension: str, values: dict[str, Value], keywords: FileKeywords
) -> Product:
    """Return a table with one row."""
    name = f"{card}.fits"
    content = row_to_fits(extension, values, keywords.of(instrument, name))
    return Product(name, ProductKind.RESULT, FITS, content)


def _instrument_of(update: QuickLookUpdate) -> str:
    """Return the name of the instruments whose detectors the spectrum has."""
    used = set(update.spectrum.detectors) if update.spectrum else set()
    names = [s.instrument for s in update.instruments if used & set(s.duration.detectors)]
    return instrument_name(Instrument(name) for name in names)


def _width(name: str, width: Width) -> dict[str, Value]:
    return {
        name: (width.value_s, "s"),
        f"{name}_LOW": (width.err_minus_s, "s"),
        f"{name}_UPP": (width.err_plus_s, "s"),
        f"{name}_START": (width.start_s, "s"),
        f"{name}_STOP": (width.stop_s, "s"),
    }


def _measured(name: str, value: Measurement, unit: str) -> dict[str, Value]:
    return {
        name: (value.value, unit),
        f"{name}_LOW": (value.err_minus, unit),
        f"{name}_UPP": (value.err_plus, unit),
    }


def _durations(seen: InstrumentUpdate) -> dict[str, Value]:
    duration = seen.duration
    start, stop = duration.t100_s or (None, None)
    low, high = duration.band_kev or (None, None)
    values: dict[str, Value] = {
        "PROGRESS": (seen.progress, ""),
        "E_MIN": (low, "keV"),
        "E_MAX": (high, "keV"),
        "UNTIL": (seen.until_s, "s"),
        **_width("T90", duration.t90),
        **_width("T50", duration.t50),
        "T100_START": (start, "s"),
        "T100_STOP": (stop, "s"),
        "SIGNIFICANCE": (duration.significance, ""),
    }
    if duration.net_counts is not None:
        values |= _measured("NET_COUNTS", duration.net_counts, "count")
    for peak in seen.peak_rates:
        name = f"PEAK_{round(1000 * peak.scale_s)}MS"
        values |= _measured(name, peak.rate_counts_per_s, "count/s")
    return values


def _hardness(hardness: HardnessRatio) -> dict[str, Value]:
    return {
        "SOFT_E_MIN": (hardness.soft_band_kev[0], "keV"),
        "SOFT_E_MAX": (hardness.soft_band_kev[1], "keV"),
        "HARD_E_MIN": (hardness.hard_band_kev[0], "keV"),
        "HARD_E_MAX": (hardness.hard_band_kev[1], "keV"),
        "START": (hardness.interval_s[0], "s"),
        "STOP": (hardness.interval_s[1], "s"),
        **_measured("HR", hardness.ratio, ""),
        **_measured("SOFT", hardness.soft_counts, "count"),
        **_measured("HARD", hardness.hard_counts, "count"),
    }


def _class(named: Classification) -> dict[str, Value]:
    return {
        "CLASS": (named.name, ""),
        "P_SHORT": (named.probability_short, ""),
        "RULE": (named.rule, ""),
        "FLAGS": ("; ".join(texts(named.flags)), ""),
    }


def _spectrum(fits: SpectrumFits) -> dict[str, Value]:
    fit = fits.models[0]
    values: dict[str, Value] = {
        "MODEL": (fit.name, ""),
        "START": (fits.interval_s[0], "s"),
        "STOP": (fits.interval_s[1], "s"),
        "STATISTIC": (fit.statistic_value, ""),
        "DOF": (float(fit.dof), ""),
    }
    for name, parameter in fit.parameters.items():
        values[name.upper()] = (parameter.value, parameter.unit)
        values[f"{name.upper()}_LOW"] = (parameter.err_minus, parameter.unit)
        values[f"{name.upper()}_UPP"] = (parameter.err_plus, parameter.unit)
    for fluence in fit.fluence_erg:
        low, high = fluence.band_kev
        name = f"FLUENCE_{low:g}_{high:g}"
        values[name] = (fluence.value, "erg/cm2")
    return values

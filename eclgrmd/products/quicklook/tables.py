"""Products of the quick look as FITS files."""

from collections.abc import Iterator

from eclgrmd import __version__
from eclgrmd.analysis.quicklook.results import InstrumentSoFar
from eclgrmd.formats import CurveWithBackground, light_curves_to_fits
from eclgrmd.formats.fits.provenance import TELESCOPES, Provenance
from eclgrmd.formats.write.write_row import Value, row_to_fits
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.result import SpectrumFits, Width
from eclgrmd.products.naming import instrument_name
from eclgrmd.products.product import FITS, Product, ProductKind

__all__ = ["quick_look_tables"]


def quick_look_tables(
    update: QuickLookUpdate,
    curves: tuple[InstrumentSoFar, ...],
    *,
    proc_ver: int,
    date_utc: str,
    program: str,
) -> Iterator[Product]:
    """Write what was measured; nothing is written of what was not."""
    origin = _Origin(update, proc_ver, date_utc, program)
    for found in curves:
        yield origin.light_curves(found)
    for seen in update.instruments:
        if seen.duration.t90.value_s is not None:
            yield origin.table("QDUR", seen.instrument, "DURATION", _durations(seen))
        if seen.hardness is not None:
            yield origin.table("QHR", seen.instrument, "HARDNESS", _hardness(seen))
    if update.classification is not None and update.reference is not None:
        yield origin.table("CRCLASS", update.reference, "CLASS", _class(update))
    if update.spectrum is not None:
        yield origin.table("QSP", _instrument_of(update), "SPECTRUM", _spectrum(update.spectrum))


class _Origin:
    """Gives each file its primary keywords."""

    def __init__(self, update: QuickLookUpdate, proc_ver: int, date_utc: str, program: str) -> None:
        self._update, self._proc_ver = update, proc_ver
        self._date_utc, self._program = date_utc, program

    def light_curves(self, found: InstrumentSoFar) -> Product:
        """Write the measured band with its background, and each band."""
        measured = found.measurement
        curves = [
            CurveWithBackground(
                measured.curve, measured.background_counts, measured.background_error_counts
            ),
            *(CurveWithBackground(curve) for curve in found.band_curves),
        ]
        card = f"QLC_{found.instrument}"
        content = light_curves_to_fits(curves, self._provenance(card, found.instrument))
        return Product(f"{card}.fits", ProductKind.LIGHT_CURVE, FITS, content)

    def table(self, what: str, instrument: str, name: str, values: dict[str, Value]) -> Product:
        """Write one row."""
        card = what if what == "CRCLASS" else f"{what}_{instrument}"
        content = row_to_fits(name, values, self._provenance(card, instrument))
        return Product(f"{card}.fits", ProductKind.RESULT, FITS, content)

    def _provenance(self, card: str, instrument: str) -> Provenance:
        update = self._update
        known = instrument in set(Instrument)
        return Provenance(
            burst_id=update.burst_id,
            card=card,
            instrument=instrument,
            date_utc=self._date_utc,
            t0_met_s=update.t0_met_s,
            t0_utc=update.t0_utc,
            program=self._program,
            telescope=TELESCOPES[Instrument(instrument)] if known else "SVOM",
            obs_id=update.obs_id,
            proc_ver=self._proc_ver,
            pip_ver=__version__,
        )


def _instrument_of(update: QuickLookUpdate) -> str:
    """Name the instruments whose detectors a spectrum has."""
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


def _hardness(seen: InstrumentUpdate) -> dict[str, Value]:
    hardness = seen.hardness
    if hardness is None:
        return {}
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


def _class(update: QuickLookUpdate) -> dict[str, Value]:
    named = update.classification
    if named is None:
        return {}
    return {
        "CLASS": (named.name, ""),
        "P_SHORT": (named.probability_short, ""),
        "RULE": (named.rule, ""),
        "FLAGS": ("; ".join(named.flags), ""),
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

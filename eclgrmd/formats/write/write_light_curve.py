"""Writing of light curves in the form of OGIP 93-003."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Channels, Floats, LightCurve

from .hdus import MET, Card, Column, bounds_table, ogip, table, to_bytes
from .write_spline import Spline, spline_tables

__all__ = ["CurveWithBackground", "light_curve_to_fits", "light_curves_to_fits"]


@dataclass(frozen=True, slots=True, eq=False)
class CurveWithBackground:
    """A light curve and its expected background."""

    curve: LightCurve
    """The light curve."""
    background: Floats | None = None
    """Expected background counts, shape (n,); None: unknown, or subtracted already."""
    background_error: Floats | None = None
    """1-sigma error of `background`, counts, shape (n,); None if `background` is None."""


def light_curve_to_fits(curve: LightCurve, provenance: Provenance) -> bytes:
    """Encode one light curve; see `light_curves_to_fits`."""
    return light_curves_to_fits([CurveWithBackground(curve)], provenance)


def light_curves_to_fits(
    curves: Sequence[CurveWithBackground],
    provenance: Provenance,
    spline: Spline | None = None,
) -> bytes:
    """Encode light curves as one RATE extension each, and EBOUNDS of the first.

    The columns are TIME (start of the bin), TIMEDEL, COUNTS, RATE, ERROR (of the rate) and FRACEXP.
    BACKV and BACKE are the rate of the background and its 1-sigma error, if it is known. Poisson
    counts have their square roots as errors, and POISSERR is true. Each extension has its band
    (E_MIN, E_MAX) and a number (EXTVER).

    Parameters
    ----------
    curves
        At least one, the main one first.
    provenance
        Primary keywords.
    spline
        The background that was fitted to the first one, for two further extensions; None: none.
    """
    tables = [_rate(curve, number, provenance) for number, curve in enumerate(curves, start=1)]
    first = curves[0].curve
    if spline is not None:
        tables += spline_tables(spline, "+".join(first.detectors), provenance)
    if first.band_kev is not None:
        low, high = first.band_kev
        band = Channels(np.array([0]), np.array([low]), np.array([high]))
        tables.append(bounds_table(band, "+".join(first.detectors), provenance))
    return to_bytes(provenance, tables)


def _rate(written: CurveWithBackground, number: int, provenance: Provenance) -> Any:
    curve = written.curve
    width_s = curve.stop_s - curve.start_s
    live_s = np.where(curve.exposure_s > 0, curve.exposure_s, np.nan)
    error = np.sqrt(np.maximum(curve.counts, 0.0)) if curve.error is None else curve.error
    columns: list[Column] = [
        ("TIME", "D", MET, curve.start_s),
        ("TIMEDEL", "D", "s", width_s),
        ("COUNTS", "D", "count", curve.counts),
        ("RATE", "D", "count/s", curve.counts / live_s),
        ("ERROR", "D", "count/s", error / live_s),
        ("FRACEXP", "D", "", curve.exposure_s / width_s),
    ]
    if written.background is not None and written.background_error is not None:
        columns += [
            ("BACKV", "D", "count/s", written.background / live_s),
            ("BACKE", "D", "count/s", written.background_error / live_s),
        ]
    return table("RATE", columns, _cards(curve, number, provenance.t0_met_s), provenance)


def _cards(curve: LightCurve, number: int, t0_met_s: float) -> list[Card]:
    cards: list[Card] = [
        ("EXTVER", number, "number of this light curve in the file"),
        *ogip("LIGHTCURVE", "NET" if curve.background_subtracted else "TOTAL", "RATE"),
        ("DETNAM", "+".join(curve.detectors), "detectors summed"),
        ("TIMEPIXR", 0.0, "TIME is the start of its bin"),
        ("TIMEZERO", 0.0, "[s] added to TIME"),
        ("POISSERR", curve.error is None, "errors are those of Poisson counts"),
        ("BACKAPP", curve.background_subtracted, "background subtracted"),
    ]
    if curve.band_kev is not None:
        low, high = curve.band_kev
        cards += [("E_MIN", low, "[keV] lower edge"), ("E_MAX", high, "[keV] upper edge")]
    if len(curve.counts):
        cards += [
            ("TSTART", t0_met_s + float(curve.start_s[0]), "[s] start of the first bin"),
            ("TSTOP", t0_met_s + float(curve.stop_s[-1]), "[s] end of the last bin"),
            ("TIMEDEL", float(np.median(curve.stop_s - curve.start_s)), "[s] typical bin width"),
        ]
    return cards

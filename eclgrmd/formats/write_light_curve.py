"""Write a light curve in OGIP form (OGIP 93-003)."""

import math

import numpy as np

from eclgrmd.model.observation import Channels, LightCurve

from .hdus import MET, Card, Column, bounds_table, ogip, table, to_bytes
from .provenance import Provenance

__all__ = ["light_curve_to_fits"]


def light_curve_to_fits(curve: LightCurve, provenance: Provenance) -> bytes:
    """Write RATE (TIME at bin start, TIMEDEL, COUNTS, RATE, ERROR, FRACEXP) and EBOUNDS.

    ERROR is that of the rate; of Poisson counts it is their square root, and POISSERR says so.
    """
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
    detector = "+".join(curve.detectors)
    t0 = provenance.t0_met_s
    cards: list[Card] = [
        *ogip("LIGHTCURVE", "NET" if curve.background_subtracted else "TOTAL", "RATE"),
        ("DETNAM", detector, "detectors summed"),
        ("TIMEPIXR", 0.0, "TIME is the start of its bin"),
        ("TIMEZERO", 0.0, "[s] added to TIME"),
        ("POISSERR", curve.error is None, "errors are those of Poisson counts"),
        ("BACKAPP", curve.background_subtracted, "background subtracted"),
    ]
    if len(width_s):
        cards += [
            ("TSTART", t0 + float(curve.start_s[0]), "[s] start of the first bin"),
            ("TSTOP", t0 + float(curve.stop_s[-1]), "[s] end of the last bin"),
            ("TIMEDEL", float(np.median(width_s)), "[s] typical bin width"),
        ]
    tables = [table("RATE", columns, cards, provenance)]
    low, high = curve.band_kev
    if math.isfinite(high):
        band = Channels(np.array([0]), np.array([low]), np.array([high]))
        tables.append(bounds_table(band, detector, provenance))
    return to_bytes(provenance, tables)

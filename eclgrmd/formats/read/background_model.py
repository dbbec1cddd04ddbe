"""Background models in FITS files, with tables BKGMODEL and BKGINT for each detector.

BKGMODEL has one row per channel: CHANNEL, E_MIN, E_MAX (keV), COEF (counts per second of live time,
by power of x from 0 and then by knot k of max(x - k, 0)), COVAR (their covariance, row by row) and
STAT (deviance of the fit). Keywords: BKGORIG (MET at which x is 0, s), BKGUNIT (unit of x, s),
BKGDOF, DETNAM. BKGKNOT has the TIME of each knot; without it the rates are polynomials. BKGINT has
START and STOP of the intervals that were fitted. The tables of a detector share their EXTVER.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import integer, number, text
from eclgrmd.formats.fits.identity import instrument_of
from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.formats.fits.units import KEV
from eclgrmd.formats.write.hdus import MET, ogip, table, to_bytes
from eclgrmd.model.observation import BackgroundModel, Channels, Floats

__all__ = ["MODEL", "background_models_to_fits", "read_background_models"]

MODEL, INTERVALS, KNOTS = "BKGMODEL", "BKGINT", "BKGKNOT"
"""EXTNAME of the three tables."""


def background_models_to_fits(models: Sequence[BackgroundModel], provenance: Provenance) -> bytes:
    """Encode the background models of an instrument's detectors as FITS."""
    tables = []
    for version, model in enumerate(models, start=1):
        tables += [_model(model, version, provenance), _intervals(model, version, provenance)]
        if len(model.knots_s):
            tables.append(_knots(model, version, provenance))
    return to_bytes(provenance, tables)


def _model(model: BackgroundModel, version: int, provenance: Provenance) -> Any:
    channels, size = len(model.coefficients), model.coefficients.shape[1]
    return table(
        MODEL,
        [
            ("CHANNEL", "J", "", model.channels.number),
            ("E_MIN", "D", "keV", model.channels.e_min_kev),
            ("E_MAX", "D", "keV", model.channels.e_max_kev),
            ("COEF", f"{size}D", "count/s", model.coefficients),
            ("COVAR", f"{size**2}D", "count2/s2", model.covariance.reshape(channels, -1)),
            ("STAT", "D", "", model.statistic),
        ],
        [
            ("EXTVER", version, "number of this detector in the file"),
            ("DETNAM", model.detector, "detector"),
            ("BKGORIG", provenance.t0_met_s + model.origin_s, "[s] MET at which x is 0"),
            ("BKGUNIT", model.unit_s, "[s] unit of x"),
            ("BKGDOF", model.dof, "bins minus coefficients, per channel"),
        ],
        provenance,
    )


def _intervals(model: BackgroundModel, version: int, provenance: Provenance) -> Any:
    start, stop = model.intervals_s.T
    return table(
        INTERVALS,
        [("START", "D", MET, start), ("STOP", "D", MET, stop)],
        [
            ("EXTVER", version, "number of this detector in the file"),
            *ogip("GTI", "BACKGROUND"),
            ("DETNAM", model.detector, "detector"),
        ],
        provenance,
    )


def _knots(model: BackgroundModel, version: int, provenance: Provenance) -> Any:
    return table(
        KNOTS,
        [("TIME", "D", MET, model.knots_s)],
        [
            ("EXTVER", version, "number of this detector in the file"),
            ("DETNAM", model.detector, "detector"),
        ],
        provenance,
    )


def read_background_models(
    file: FitsFile, tables: Sequence[Table], clock: Clock
) -> tuple[BackgroundModel, ...]:
    """Read the background models of a file.

    Raises
    ------
    InputError
        If a column or keyword is missing or not finite, or the sizes of covariance and
        coefficients disagree.
    """
    return tuple(_read(file, table, clock) for table in tables)


def _read(file: FitsFile, table: Table, clock: Clock) -> BackgroundModel:
    detector = text(table.header, "DETNAM")
    if not detector:
        raise InputError(f"table {table.name} has no DETNAM: it must name its detector")
    origin, unit = (_keyword(table, name) for name in ("BKGORIG", "BKGUNIT"))
    if unit <= 0:
        raise InputError(f"table {table.name}: BKGUNIT is {unit:g} s: must be positive")
    coefficients = table.finite("COEF").reshape(table.rows, -1)
    size = coefficients.shape[1]
    covariance = table.finite("COVAR").reshape(table.rows, -1)
    if covariance.shape[1] != size**2:
        raise InputError(
            f"table {table.name}: COVAR has {covariance.shape[1]} numbers a row: "
            f"{size} coefficients need {size**2}"
        )
    knots = _read_knots(file, table, clock)
    if len(knots) >= size:
        raise InputError(
            f"table {KNOTS} of {detector} has {len(knots)} knots: {size} coefficients in "
            f"{table.name} allow at most {size - 1}"
        )
    channels = Channels(
        table.finite("CHANNEL").astype(np.int64),
        table.finite("E_MIN", KEV),
        table.finite("E_MAX", KEV),
    )
    return BackgroundModel(
        instrument=instrument_of(file),
        detector=detector,
        channels=channels,
        intervals_s=_read_intervals(file, table, clock),
        origin_s=origin - clock.t0_in(file, origin),
        unit_s=unit,
        coefficients=coefficients,
        covariance=covariance.reshape(table.rows, size, size),
        statistic=table.finite("STAT") if table.has("STAT") else np.zeros(table.rows),
        dof=integer(table.header, "BKGDOF") or 0,
        knots_s=knots,
        file=file.path.name,
    )


def _keyword(table: Table, name: str) -> float:
    value = number(table.header, name)
    if value is None:
        raise InputError(f"table {table.name} has no keyword {name}")
    return value


def _read_intervals(file: FitsFile, table: Table, clock: Clock) -> Floats:
    other = _table_beside(file, table, INTERVALS)
    if other is None:
        return np.empty((0, 2))
    return np.column_stack([read_times(file, other, name, clock) for name in ("START", "STOP")])


def _read_knots(file: FitsFile, table: Table, clock: Clock) -> Floats:
    other = _table_beside(file, table, KNOTS)
    return np.empty(0) if other is None else read_times(file, other, "TIME", clock)


def _table_beside(file: FitsFile, table: Table, name: str) -> Table | None:
    """Return the table of this name that belongs to the same detector; None: there is none."""
    version = integer(table.header, "EXTVER")
    for other in file.tables:
        if other.name == name and integer(other.header, "EXTVER") == version:
            return other
    return None

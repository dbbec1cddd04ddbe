"""Counts per bin, from columns of counts or of rates, and the selection of bad values."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_number
from eclgrmd.formats.fits.units import per_second
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats

__all__ = [
    "MEASURED",
    "SHORTEST_S",
    "bad_values",
    "counts_per_second",
    "measurable",
    "read_counts",
    "refuse_negative",
    "unit_flags",
    "usable_channels",
]

MEASURED = ("COUNTS", "RATE")
"""Columns with counts or rates, the preferred first."""
MOST_COUNTS = 2.0**53
"""Largest number of counts: beyond it, float64 does not represent every integer."""
SHORTEST_S = 1e-9
"""Shortest live time of a bin, seconds; no detector has a finer clock."""
MOSTLY = 0.5
"""Fraction of bad bins above which a channel is bad as a whole."""


def read_counts(table: Table, name: str, exposure_s: Floats, like: str = "") -> Floats:
    """Return a column as counts per bin, shape (rows, width); null becomes NaN.

    The unit decides between counts and rates, see `counts_per_second`.

    Raises
    ------
    InputError
        If the unit is neither of counts nor of counts per time.
    """
    values = table.column(name).reshape(len(exposure_s), -1)
    by = counts_per_second(table, name, like)
    return values if by is None else values * (by * exposure_s[:, None])


def counts_per_second(table: Table, name: str, like: str = "") -> float | None:
    """Return the factor that converts a column to counts per second; None: it has counts.

    Without a unit, COUNTS has counts, RATE has counts per second, and any other column has the
    same quantity as the column `like`.

    Raises
    ------
    InputError
        If the unit is neither of counts nor of counts per time.
    """
    column = name if table.unit(name) or not like else like
    if not table.unit(column):
        return 1.0 if column in {"RATE", "RATES"} else None
    try:
        return per_second(table.unit(column))
    except InputError as error:
        raise InputError(f"table {table.name}: the unit of column {column}: {error}") from error


def unit_flags(table: Table, name: str) -> list[Flag]:
    """Return a flag if the unit of a column contradicts its name; the unit is used."""
    unit = table.unit(name)
    by = counts_per_second(table, name)
    if name == "COUNTS" and by is not None:
        return [Flag(FlagCode.COUNTS_ARE_RATES, detail=unit)]
    if name in {"RATE", "RATES"} and by is None:
        return [Flag(FlagCode.RATE_IS_COUNTS, detail=unit)]
    return []


def bad_values(table: Table, counts: Floats) -> NDArray[np.bool_]:
    """Return which values are null, impossible or of bad QUALITY, shape (rows, width).

    QUALITY may be given per bin, per value or for the whole table.
    """
    bad = ~measurable(counts)
    if not table.has("QUALITY"):
        return bad | bool(strict_number(table.header, "QUALITY"))
    quality = table.column("QUALITY").reshape(len(counts), -1)
    poor = quality != 0  # also true for null
    if poor.shape != counts.shape:
        poor = poor.any(axis=1, keepdims=True)
    return np.asarray(bad | poor)


def measurable(counts: Floats) -> NDArray[np.bool_]:
    """Return which counts, or errors of counts, are finite and possible."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(counts) <= MOST_COUNTS)


def usable_channels(bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which channels are good in most bins, shape (width,).

    Bins that are bad in all channels are not considered.
    """
    partly = ~bad.all(axis=1)
    if bad.shape[1] == 1 or not partly.any():
        return np.ones(bad.shape[1], dtype=np.bool_)
    return np.asarray(bad[partly].mean(axis=0) <= MOSTLY)


def refuse_negative(table: Table, name: str, counts: Floats) -> None:
    """Raise InputError for negative values in counts that must be Poisson."""
    if (negative := int((counts < 0).sum())) > 0:
        raise InputError(
            f"table {table.name}: column {name} holds {negative} negative values and there are no "
            "errors: these are no Poisson counts"
        )

"""Read what was counted per bin, whether as counts or as a rate, and what of it is bad."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_number
from eclgrmd.formats.fits.units import per_second
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
MOST_COUNTS = 2.0**53
"""Beyond this a number no longer counts in ones."""
SHORTEST_S = 1e-9
"""Least live time of a bin; no clock of any detector is finer than a nanosecond."""
MOSTLY = 0.5
"""A channel that is bad in more bins than this share is bad as a whole."""


def read_counts(table: Table, name: str, exposure_s: Floats, like: str = "") -> Floats:
    """Return a column as counts per bin, shape (rows, width); what is null is NaN.

    Its unit tells counts from rates. Without one, COUNTS holds counts, RATE counts per second, and
    any other column what the column `like` holds.

    Raises
    ------
    InputError
        Where the unit is neither of counts nor of counts per time.
    """
    values = table.column(name).reshape(len(exposure_s), -1)
    by = counts_per_second(table, name, like)
    return values if by is None else values * (by * exposure_s[:, None])


def counts_per_second(table: Table, name: str, like: str = "") -> float | None:
    """Return the factor that makes a column counts per second; None where it holds counts.

    Without a unit, COUNTS holds counts, RATE counts per second, and any other column what the
    column `like` holds.

    Raises
    ------
    InputError
        Where the unit is neither of counts nor of counts per time.
    """
    column = name if table.unit(name) or not like else like
    if not table.unit(column):
        return 1.0 if column == "RATE" else None
    try:
        return per_second(table.unit(column))
    except InputError as error:
        raise InputError(f"table {table.name}: the unit of column {column}: {error}") from error


def unit_flags(table: Table, name: str) -> list[str]:
    """State that a column holds what its unit says, and not what its name does."""
    unit = table.unit(name)
    by = counts_per_second(table, name)
    if name == "COUNTS" and by is not None:
        return [f"COUNTS are in {unit}: taken as rates"]
    if name == "RATE" and by is None:
        return [f"RATE is in {unit}: taken as counts"]
    return []


def bad_values(table: Table, counts: Floats) -> NDArray[np.bool_]:
    """Return which values are null, beyond measuring, or of bad QUALITY.

    QUALITY is told per bin, per value or for all.

    Returns
    -------
    NDArray
        Shape of the counts, (rows, width).
    """
    bad = ~measurable(counts)
    if not table.has("QUALITY"):
        return bad | bool(strict_number(table.header, "QUALITY"))
    quality = table.column("QUALITY").reshape(len(counts), -1)
    poor = quality != 0  # and so is one that is null
    if poor.shape != counts.shape:
        poor = poor.any(axis=1, keepdims=True)
    return np.asarray(bad | poor)


def measurable(counts: Floats) -> NDArray[np.bool_]:
    """Return which counts, or errors of counts, are finite and no more than a detector can have."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(counts) <= MOST_COUNTS)


def usable_channels(bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which channels are sound in most of the bins, shape (width,).

    Bins that are bad as a whole tell nothing of channels.
    """
    partly = ~bad.all(axis=1)
    if bad.shape[1] == 1 or not partly.any():
        return np.ones(bad.shape[1], dtype=np.bool_)
    return np.asarray(bad[partly].mean(axis=0) <= MOSTLY)


def refuse_negative(table: Table, name: str, counts: Floats) -> None:
    """Refuse negative values where counts must be Poisson."""
    if (negative := int((counts < 0).sum())) > 0:
        raise InputError(
            f"table {table.name}: column {name} holds {negative} negative values and there are no "
            "errors: these are no Poisson counts"
        )

"""Writing of single numbers as a table of one row."""

from collections.abc import Mapping

import numpy as np

from eclgrmd.formats.fits.provenance import Provenance

from .hdus import Column, table, to_bytes

__all__ = ["row_to_fits"]

Value = tuple[float | str | None, str]
"""A value and its unit; None: unknown."""


def row_to_fits(name: str, values: Mapping[str, Value], provenance: Provenance) -> bytes:
    """Encode values by column name as a table of one row; an unknown number becomes NaN."""
    columns = [_column(key, value, unit) for key, (value, unit) in values.items()]
    return to_bytes(provenance, [table(name, columns, [], provenance)])


def _column(name: str, value: float | str | None, unit: str) -> Column:
    if isinstance(value, str):
        return name, f"{max(len(value), 1)}A", unit, np.array([value])
    return name, "D", unit, np.array([np.nan if value is None else value], dtype=np.float64)

"""Energy channels of a file, and the way from channel numbers to indices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.observation import Channels

from .fits_file import FitsFile
from .fits_table import Table
from .headers import text
from .recognise import bounds_of

__all__ = ["index_of", "read_channels"]

KEV = {"": 1.0, "kev": 1.0, "mev": 1e3, "gev": 1e6, "ev": 1e-3}


def read_channels(file: FitsFile) -> Channels | None:
    """Read EBOUNDS; None where the file has none.

    Raises
    ------
    InputError
        Where a channel comes twice or has no width, or the energies an unknown unit. Channels need
        not rise in energy: gain ranges may overlap.
    """
    table = bounds_of(file)
    if table is None or not table.rows:
        return None
    number = table.finite("CHANNEL").astype(np.int64)
    order = np.argsort(number, kind="stable")
    low = table.finite("E_MIN")[order] * _unit(table, "E_MIN")
    high = table.finite("E_MAX")[order] * _unit(table, "E_MAX")
    if len(number) > 1 and (np.diff(number[order]) <= 0).any():
        raise InputError("EBOUNDS gives a channel twice")
    if (high < low).any():
        raise InputError("EBOUNDS: E_MAX must not be below E_MIN")
    return Channels(number[order], low, high)


def _unit(table: Table, column: str) -> float:
    unit = text(table.header, f"TUNIT{table.columns.index(column) + 1}")
    if unit.lower() not in KEV:
        raise InputError(f"table {table.name}: {column} is in {unit}, must be keV")
    return KEV[unit.lower()]


def index_of(number: NDArray[Any], channels: Channels) -> NDArray[np.int16]:
    """Return the index of each channel number, int16; -1 where there is no such channel."""
    first, n = int(channels.number[0]), len(channels.number)
    if channels.number[-1] - first == n - 1:
        index = number.astype(np.int32) - np.int32(first)
        index[(index < 0) | (index >= n)] = -1
        return index.astype(np.int16)
    place = np.minimum(np.searchsorted(channels.number, number), n - 1)
    return np.where(channels.number[place] == number, place, -1).astype(np.int16)

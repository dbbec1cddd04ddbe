"""Energy channels of a file (EBOUNDS), and the conversion of channel numbers to indices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.observation import Channels

from .fits_file import FitsFile
from .recognise import bounds_of
from .units import KEV

__all__ = ["index_of", "read_channels"]


def read_channels(file: FitsFile) -> Channels | None:
    """Read EBOUNDS; return None if the file has none.

    The energies of successive channels need not rise: gain ranges may overlap.

    Raises
    ------
    InputError
        If a channel is repeated, an upper edge lies below the lower one, or a unit is unknown.
    """
    table = bounds_of(file)
    if table is None or not table.rows:
        return None
    number = table.finite("CHANNEL").astype(np.int64)
    order = np.argsort(number, kind="stable")
    low, high = table.finite("E_MIN", KEV)[order], table.finite("E_MAX", KEV)[order]
    if len(number) > 1 and (np.diff(number[order]) <= 0).any():
        raise InputError("EBOUNDS has a channel twice: must have each channel once")
    if (high < low).any():
        raise InputError("EBOUNDS: E_MAX must not be below E_MIN")
    return Channels(number[order], low, high)


def index_of(number: NDArray[Any], channels: Channels) -> NDArray[np.int16]:
    """Return the index of each channel number, int16, shape (n,); -1 for unknown channels."""
    first, n = int(channels.number[0]), len(channels.number)
    if channels.number[-1] - first == n - 1:
        index = number.astype(np.int32) - np.int32(first)
        index[(index < 0) | (index >= n)] = -1
        return index.astype(np.int16)
    index = np.minimum(np.searchsorted(channels.number, number), n - 1)
    return np.where(channels.number[index] == number, index, -1).astype(np.int16)

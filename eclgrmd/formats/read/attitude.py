"""Reading of attitude: the orientation of the satellite in time."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.recognise import CLOCKS, quaternion_of
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.model.observation import Attitude, Floats

__all__ = ["read_attitude", "rows_in_order"]

POINTINGS = (("POINTING",), ("RA_PNT", "DEC_PNT"))
"""Columns with right ascension and declination, degrees, of the axis that the satellite points."""
SCALAR_FIRST = "Q0"
"""Column of a quaternion whose scalar part comes first; elsewhere it comes last."""


def read_attitude(
    file: FitsFile, table: Table, clock: Clock, window_s: tuple[float, float]
) -> Attitude:
    """Read the quaternions in a time window, ordered by time; skip rows without valid numbers.

    Raises
    ------
    InputError
        If a quaternion column does not have four numbers per row.
    """
    names = quaternion_of(table)
    values = np.column_stack([table.column(name) for name in names])
    if values.shape[1] != 4:
        raise InputError(
            f"table {table.name}: column {names[0]} has {values.shape[1]} numbers a row: "
            "a quaternion has 4"
        )
    if names[0] == SCALAR_FIRST:
        values = np.roll(values, -1, axis=1)
    time = read_times(file, table, str(table.first_of(*CLOCKS)), clock)
    length = np.linalg.norm(values, axis=1)
    rows = rows_in_order(time, np.isfinite(length) & (length > 0.0), window_s)
    pointing = _pointing(table)
    return Attitude(
        time[rows],
        values[rows] / length[rows, None],
        None if pointing is None else pointing[rows],
    )


def rows_in_order(
    time_s: Floats, valid: NDArray[np.bool_], window_s: tuple[float, float]
) -> NDArray[np.intp]:
    """Return the valid rows in a time window, ordered by time, one of each time."""
    rows = np.flatnonzero(np.isfinite(time_s) & valid)
    rows = rows[np.argsort(time_s[rows], kind="stable")]
    rows = rows[(time_s[rows] >= window_s[0]) & (time_s[rows] <= window_s[1])]
    single = np.concatenate([[True], np.diff(time_s[rows]) > 0]) if len(rows) else slice(0)
    return np.asarray(rows[single])


def _pointing(table: Table) -> Floats | None:
    """Return the pointed directions as unit vectors, shape (rows, 3); None: no such columns."""
    names = next((names for names in POINTINGS if table.has(*names)), ())
    if not names:
        return None
    angles = np.radians(np.column_stack([table.column(name) for name in names]))
    if angles.shape[1] < 2:
        return None
    ra, dec = angles[:, 0], angles[:, 1]
    return np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])

"""Reading of attitude: the orientation of the satellite in time."""

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.recognise import CLOCKS, quaternion_of
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.model.observation import Attitude

__all__ = ["read_attitude"]


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
    time = read_times(file, table, str(table.first_of(*CLOCKS)), clock)
    length = np.linalg.norm(values, axis=1)
    rows = np.flatnonzero(np.isfinite(time) & np.isfinite(length) & (length > 0.0))
    rows = rows[np.argsort(time[rows], kind="stable")]
    rows = rows[(time[rows] >= window_s[0]) & (time[rows] <= window_s[1])]
    rows = rows[np.concatenate([[True], np.diff(time[rows]) > 0])] if len(rows) else rows
    return Attitude(time[rows], values[rows] / length[rows, None])

"""Reading of orbits: the position of the satellite in time."""

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.recognise import CLOCKS, position_of
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.formats.fits.units import KM
from eclgrmd.model.observation import Orbit

from .attitude import rows_in_order

__all__ = ["read_orbit"]

RADII_KM = (6400.0, 500_000.0)
"""Distances from the centre of the Earth that an orbit may have, km."""


def read_orbit(
    file: FitsFile, table: Table, clock: Clock, window_s: tuple[float, float]
) -> Orbit | None:
    """Read the positions in a time window, ordered by time; skip rows without valid numbers.

    Returns
    -------
    Orbit or None
        None if the table has no column of positions.

    Raises
    ------
    InputError
        If a position does not have three numbers, or lies inside the Earth or far beyond the Moon.
    """
    names = position_of(table)
    if not names:
        return None
    values = np.column_stack([table.column(name, KM) for name in names])
    if values.shape[1] != 3:
        raise InputError(
            f"table {table.name}: column {names[0]} has {values.shape[1]} numbers a row: "
            "a position has 3"
        )
    time = read_times(file, table, str(table.first_of(*CLOCKS)), clock)
    radius = np.linalg.norm(values, axis=1)
    rows = rows_in_order(time, np.isfinite(radius) & (radius > 0.0), window_s)
    low, high = RADII_KM
    wrong = (radius[rows] < low) | (radius[rows] > high)
    if wrong.any():
        raise InputError(
            f"table {table.name}: a position in {names[0]} is {radius[rows][wrong][0]:.6g} km from "
            f"the centre of the Earth: must be {low:g} to {high:g} km (is its unit right?)"
        )
    return Orbit(time[rows], values[rows])

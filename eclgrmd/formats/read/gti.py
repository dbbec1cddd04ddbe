"""Good time intervals of a file: one table, or one a criterion to be intersected."""

import re
from collections.abc import Sequence

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.times import ABSOLUTE, Clock, read_times
from eclgrmd.model.intervals import intersection, union
from eclgrmd.model.observation import Criterion, Floats

__all__ = [
    "check_not_empty",
    "combine_criteria",
    "criterion_of",
    "read_intervals",
    "rows_left_out",
]

EARTH = ("NEO", "PEO", "TEO")
"""ECLAIRs: no, partial, total Earth in the field of view; together they cover all time."""


def read_intervals(table: Table, file: FitsFile, clock: Clock) -> Floats:
    """Read START and STOP as seconds after t0, sorted and disjoint, shape (k, 2).

    Rows in which either is NaN or null are left out (see `rows_left_out`).

    Raises
    ------
    InputError
        Where an interval stops before it starts.
    """
    edges = np.column_stack([read_times(file, table, name, clock) for name in ("START", "STOP")])
    known = np.isfinite(edges).all(axis=1)
    if (edges[known, 1] < edges[known, 0]).any():
        raise InputError(f"table {table.name}: an interval stops before it starts")
    return union(edges[known])


def check_not_empty(criteria: Sequence[Criterion], tables: Sequence[Table]) -> None:
    """Refuse good times without any interval, unless the Earth's criteria are among them.

    Of these some are empty as a rule.
    """
    if not any(len(c.gti_s) or c.name in EARTH for c in criteria):
        names = ", ".join(dict.fromkeys(table.name for table in tables))
        raise InputError(f"{names} is empty: it holds no good time interval")


def rows_left_out(file: FitsFile, tables: Sequence[Table]) -> tuple[str, ...]:
    """Return a flag that tells how many rows of good times hold no number, if any."""
    lost = 0
    for table in tables:
        edges = [read_times(file, table, name, ABSOLUTE) for name in ("START", "STOP")]
        lost += int((~np.isfinite(edges).all(axis=0)).sum())
    return (f"good times without a number left out: {lost}",) if lost else ()


def criterion_of(table: Table) -> str:
    """Return the criterion of an extension: NSA of GTICAL-NSA, else its name."""
    return re.split(r"[-_]", table.name)[-1]


def combine_criteria(criteria: Sequence[Criterion]) -> Floats:
    """Intersect the criteria; of the Earth's, which exclude each other, unite all but total.

    The same criterion from several files, an hour each, is united first.
    """
    by_name: dict[str, list[Floats]] = {}
    for criterion in criteria:
        by_name.setdefault(criterion.name, []).append(criterion.gti_s)
    united = {name: union(np.concatenate(sets)) for name, sets in by_name.items()}
    earth = [gti for name, gti in united.items() if name in EARTH and name != "TEO"]
    sets = [gti for name, gti in united.items() if name not in EARTH]
    if earth:
        sets.append(union(np.concatenate(earth)))
    return intersection(*sets) if sets else np.empty((0, 2))

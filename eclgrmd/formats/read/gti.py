"""Reading of good time intervals: one table, or one per criterion, which are intersected."""

import re
from collections.abc import Sequence

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.times import ABSOLUTE, Clock, read_times
from eclgrmd.model.flags import Flag, FlagCode
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
"""Criteria of ECLAIRs: no, partial and total Earth in the field of view. Together they cover all
times."""


def read_intervals(table: Table, file: FitsFile, clock: Clock) -> Floats:
    """Read START and STOP as seconds after t0, sorted and disjoint, shape (k, 2).

    Rows with NaN or null are left out; `rows_left_out` makes the flag about them.

    Raises
    ------
    InputError
        If an interval stops before it starts.
    """
    edges = np.column_stack([read_times(file, table, name, clock) for name in ("START", "STOP")])
    known = np.isfinite(edges).all(axis=1)
    if (edges[known, 1] < edges[known, 0]).any():
        raise InputError(f"table {table.name}: an interval stops before it starts")
    return union(edges[known])


def check_not_empty(criteria: Sequence[Criterion], tables: Sequence[Table]) -> None:
    """Raise InputError for good times without any interval.

    Criteria of the Earth are exempt, since some of them are usually empty.
    """
    if not any(len(c.gti_s) or c.name in EARTH for c in criteria):
        names = ", ".join(dict.fromkeys(table.name for table in tables))
        raise InputError(f"{names} is empty: it holds no good time interval")


def rows_left_out(file: FitsFile, tables: Sequence[Table]) -> tuple[Flag, ...]:
    """Return a flag with the number of rows that have no numbers; empty: all have numbers."""
    lost = 0
    for table in tables:
        edges = [read_times(file, table, name, ABSOLUTE) for name in ("START", "STOP")]
        lost += int((~np.isfinite(edges).all(axis=0)).sum())
    return (Flag(FlagCode.UNKNOWN_GOOD_TIMES, detail=str(lost)),) if lost else ()


def criterion_of(table: Table) -> str:
    """Return the criterion of an extension: NSA for GTICAL-NSA, or else its name."""
    return re.split(r"[-_]", table.name)[-1]


def combine_criteria(criteria: Sequence[Criterion]) -> Floats:
    """Return the times that meet all criteria, shape (k, 2).

    Criteria of the Earth exclude each other, so the union of all except total Earth is used. The
    intervals of one criterion from several files, such as one per hour, are united first.
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

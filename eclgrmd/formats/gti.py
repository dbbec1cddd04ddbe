"""Good time intervals of a file: one table, or one a criterion to be intersected."""

import re
from collections.abc import Sequence

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.model.observation import Criterion, Floats

from .fits_file import FitsFile
from .fits_table import Table
from .intervals import intersection, union
from .times import Clock

__all__ = ["combine_criteria", "criterion_of", "read_intervals"]

EARTH = ("NEO", "PEO", "TEO")
"""ECLAIRs: no, partial, total Earth in the field of view; together they cover all time."""


def read_intervals(table: Table, file: FitsFile, clock: Clock) -> Floats:
    """Read START and STOP as seconds after t0, sorted and disjoint, shape (k, 2)."""
    start, stop = table.finite("START"), table.finite("STOP")
    if (stop < start).any():
        raise InputError(f"table {table.name}: an interval stops before it starts")
    if not len(start):
        return np.empty((0, 2))
    return union(np.column_stack([start, stop]) - clock.t0_in(file, float(start[0])))


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
    return intersection(sets) if sets else np.empty((0, 2))

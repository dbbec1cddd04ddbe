"""Reading of binned data one or two days before and after a burst, as a model of the background."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.model.observation import Floats, History

from .histories import read_history

__all__ = ["read_other_orbits"]

_AWAY_S = (75_000.0, 182_000.0)
"""Time between these data and t0, seconds: it contains 14, 16 and 30 orbits of 90 to 100 min."""
_BIN_S = 64.0
"""Approximate width of the bins, seconds; a choice."""
_FULLEST = 0.9
"""Least part of this width that the data of a bin must cover; a choice."""


def read_other_orbits(file: FitsFile, tables: Sequence[Table], clock: Clock) -> tuple[History, ...]:
    """Read the bins of a file that lie one or two days from t0; empty: it has none."""
    found = []
    for table in tables:
        time_s = read_times(file, table, "TIME", clock)
        if not _is_away(time_s).any():
            continue
        try:
            history = read_history(file, table, clock)
        except InputError:  # the same table has been reported already
            continue
        wide = _widened(history, _is_away(0.5 * (history.start_s + history.stop_s)))
        if len(wide.start_s):
            found.append(wide)
    return tuple(found)


def _is_away(time_s: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.abs(time_s) >= _AWAY_S[0]) & (np.abs(time_s) <= _AWAY_S[1]))


def _widened(history: History, chosen: NDArray[np.bool_]) -> History:
    """Return the chosen bins in sums of about 64 s; sums with gaps are left out."""
    start, stop = history.start_s[chosen], history.stop_s[chosen]
    slot = np.floor(start / _BIN_S)
    first = np.flatnonzero(np.concatenate([[True], np.diff(slot) > 0])) if len(start) else slot
    first = first.astype(np.intp)
    covered = np.add.reduceat(stop - start, first) if len(first) else np.empty(0)
    last = np.append(first[1:], len(start)) - 1 if len(first) else first
    full = covered >= _FULLEST * _BIN_S
    return History(
        history.instrument,
        history.detector,
        start[first][full],
        stop[last][full],
        np.add.reduceat(history.counts[chosen], first)[full] if len(first) else history.counts[:0],
        np.add.reduceat(history.exposure_s[chosen], first)[full] if len(first) else covered,
        history.channels,
        files=history.files,
        maker=history.maker,
    )

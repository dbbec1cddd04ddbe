"""Gaps in event lists, declared by good time intervals or not."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.intervals import intersection, union
from eclgrmd.model.observation import EventList, Floats

__all__ = ["observed_intervals"]

Ints = NDArray[np.int64]

_EXPECTED_COUNTS = 40.0
_NEIGHBOURS = 200
_SAMPLE = 4096
"""Pauses that tell which ones are worth a closer look."""


def observed_intervals(events: EventList) -> Floats:
    """Give when a detector recorded events: its good time intervals less undeclared gaps.

    A pause between two events is a gap if at least 40 events were due in it at the rate of the 200
    events on either side, whichever was lower: that is no fluctuation (probability below 1e-17).

    Returns
    -------
    Floats
        Shape (k, 2), seconds.
    """
    time = events.time_s
    if len(time) < 2 or events.frame_s:
        return events.gti_s  # waits between frames are no gaps; lost frames were found in reading
    pause = np.diff(time)
    usual = np.median(pause[:: 1 + len(pause) // _SAMPLE])
    longest = np.flatnonzero(pause > 5.0 * _EXPECTED_COUNTS * usual)
    holes = longest[pause[longest] * _slower_side(time, longest) > _EXPECTED_COUNTS]
    starts = np.concatenate([[-np.inf], time[1:][holes]])
    stops = np.concatenate([time[:-1][holes], [np.inf]])
    recorded = union(np.column_stack([starts, stops]))
    if len(events.gti_s) == 0:
        return intersection(recorded, union([(time[0], time[-1])]))
    return intersection(events.gti_s, recorded)


def _slower_side(time: Floats, i: Ints) -> Floats:
    """Rate before event i or after event i + 1, whichever is lower, per second, shape (k,)."""
    before, after = np.maximum(0, i - _NEIGHBOURS), np.minimum(len(time) - 1, i + 1 + _NEIGHBOURS)
    earlier = (i - before) / np.maximum(time[i] - time[before], 1e-9)
    later = (after - i - 1) / np.maximum(time[after] - time[i + 1], 1e-9)
    return np.asarray(np.minimum(earlier, later))

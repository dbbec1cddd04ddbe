"""Gaps in event lists, declared by good time intervals or not."""

import numpy as np

from eclgrmd.model.observation import EventList, Floats

from .intervals import as_intervals, intersect

__all__ = ["observed_intervals"]

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
    if len(time) < 2:
        return events.gti_s
    pause = np.diff(time)
    usual = np.median(pause[:: 1 + len(pause) // _SAMPLE])
    longest = np.flatnonzero(pause > 5.0 * _EXPECTED_COUNTS * usual)
    holes = [i for i in longest if pause[i] * _slower_side(time, int(i)) > _EXPECTED_COUNTS]
    starts = np.concatenate([[-np.inf], time[1:][holes]])
    stops = np.concatenate([time[:-1][holes], [np.inf]])
    recorded = as_intervals(np.column_stack([starts, stops]))
    if len(events.gti_s) == 0:
        return intersect(recorded, as_intervals([(time[0], time[-1])]))
    return intersect(events.gti_s, recorded)


def _slower_side(time: Floats, i: int) -> float:
    """Rate before event i or after event i + 1, whichever is lower, per second."""
    before, after = max(0, i - _NEIGHBOURS), min(len(time) - 1, i + 1 + _NEIGHBOURS)
    earlier = (i - before) / max(float(time[i] - time[before]), 1e-9)
    later = (after - i - 1) / max(float(time[after] - time[i + 1]), 1e-9)
    return min(earlier, later)

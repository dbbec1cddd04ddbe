"""Slews of the satellite, found in its attitude."""

import numpy as np

from eclgrmd.model.intervals import union
from eclgrmd.model.observation import Attitude, Floats

__all__ = ["find_slews"]

_RATE_DEG_PER_S = 0.1
"""Smallest rate of a slew; a choice above the 0.06 deg/s of a satellite fixed to its orbit."""
_LEAST_S = 5.0
"""Shortest duration of a slew, seconds; a choice."""
_PAUSE = np.array([0.0, 10.0])
"""Extension of each turn, start and stop, seconds, that joins slews less than 10 s apart."""
_LONGEST_STEP_S = 120.0
"""Longest time between two attitudes, seconds, over which a rate is computed."""


def find_slews(attitude: Attitude | None) -> Floats:
    """Return the times in which the satellite turned faster than 0.1 deg/s for at least 5 s.

    The angle between two attitudes is 2 arccos |q1 . q2|. Slews less than 10 s apart are joined.

    Returns
    -------
    Floats
        Start and stop, seconds after t0, shape (k, 2); empty without attitude.
    """
    if attitude is None or len(attitude.time_s) < 2:
        return union([])
    time, q = attitude.time_s, attitude.quaternion
    cosine = np.minimum(np.abs(np.sum(q[1:] * q[:-1], axis=1)), 1.0)
    step = np.diff(time)
    turning = np.degrees(2.0 * np.arccos(cosine)) > _RATE_DEG_PER_S * step
    turning &= step < _LONGEST_STEP_S
    pairs = np.column_stack([time[:-1], time[1:]])[turning]
    joined = union(pairs + _PAUSE) - _PAUSE
    return np.asarray(joined[joined[:, 1] - joined[:, 0] >= _LEAST_S])

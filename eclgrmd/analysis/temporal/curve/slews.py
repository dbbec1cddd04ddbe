"""When the satellite turned."""

import numpy as np

from eclgrmd.model.intervals import union
from eclgrmd.model.observation import Attitude, Floats

__all__ = ["find_slews"]

_RATE_DEG_PER_S = 0.1
"""Above the 0.06 deg/s at which a satellite that keeps to its orbit turns."""
_LEAST_S = 5.0
_PAUSE = np.array([0.0, 10.0])
"""A pause that does not end a slew, seconds."""
_LONGEST_STEP_S = 120.0
"""Over longer pauses between two attitudes nothing is known."""


def find_slews(attitude: Attitude | None) -> Floats:
    """Find when the satellite turned faster than 0.1 deg/s for at least 5 s.

    The angle between two attitudes is 2 arccos |q1 . q2|; slews less than 10 s apart are one.

    Returns
    -------
    Floats
        Start and stop, seconds, shape (k, 2).
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

"""Kernels that read times off a cumulative curve."""

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["FRACTIONS", "crossing_times", "deviations"]

FRACTIONS = np.array([0.05, 0.25, 0.75, 0.95])
"""Fractions of the fluence: T90 lies between the outer two, T50 between the inner two."""
_OUTERMOST = 0.002
"""Smallest distance of a reflected fraction from 0 and 1; a choice: beyond it the time grows
without limit."""


@kernel
def _between(time: Floats, curve: Floats, i: int, level: float) -> float:
    """Interpolate the time at which the curve passes a level between points i and i + 1."""
    rise = curve[i + 1] - curve[i]
    if rise == 0.0:
        return float(0.5 * (time[i] + time[i + 1]))
    part = min(1.0, max(0.0, (level - curve[i]) / rise))
    return float(time[i] + part * (time[i + 1] - time[i]))


@kernel
def _crossing(time: Floats, curve: Floats, level: float) -> float:
    """Return the mean of the first and the last time at which the curve rises through a level."""
    points = curve.size
    first, last = 0, points - 2
    while first < points - 2 and curve[first + 1] < level:
        first += 1
    while last > 0 and curve[last] > level:
        last -= 1
    return 0.5 * (_between(time, curve, first, level) + _between(time, curve, last, level))


@kernel
def crossing_times(time: Floats, curve: Floats, fractions: Floats) -> Floats:
    """Return the times at which a cumulative curve reaches fractions of its total rise.

    Noise can make the curve cross a level several times; the mean of the first and the last
    crossing is taken.

    Parameters
    ----------
    time, curve
        Cell edges, seconds, and cumulative net counts, shape (n + 1,).
    fractions
        Fractions of the way from the first to the last point of the curve, shape (k,).

    Returns
    -------
    Floats
        Seconds, shape (k,).
    """
    times = np.empty(fractions.size)
    for k in range(fractions.size):
        level = curve[0] + fractions[k] * (curve[curve.size - 1] - curve[0])
        times[k] = _crossing(time, curve, level)
    return times


@kernel
def deviations(time: Floats, truth: Floats, found: Floats, fractions: Floats) -> Floats:
    """Return the errors of measured crossing times, so that their signs can be reversed.

    An error is reversed to find the truth that a measurement may come from. Reversed in time it is
    wrong where the curve is curved or flat: a level that is found on the far side of a quiet time
    would have its truth as long before the near side. The error of the fraction can be reversed:
    what is returned is the true time minus the time of the fraction that is wrong by as much in the
    other direction.

    Parameters
    ----------
    time, truth
        Cell edges, seconds, and true cumulative counts, shape (n + 1,).
    found
        Measured crossing times, seconds, shape (k,).
    fractions
        Fractions of the fluence, shape (k,).

    Returns
    -------
    Floats
        Seconds, shape (k,).
    """
    total = truth[truth.size - 1] - truth[0]
    opposite = 2.0 * fractions - (np.interp(found, time, truth) - truth[0]) / total
    for k in range(opposite.size):
        opposite[k] = min(max(opposite[k], _OUTERMOST), 1.0 - _OUTERMOST)
    return crossing_times(time, truth, fractions) - crossing_times(time, truth, opposite)

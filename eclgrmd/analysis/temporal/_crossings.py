"""Kernels that read times off a cumulative curve, and repeat that on simulated curves."""

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["FRACTIONS", "crossing_times", "replicas"]

FRACTIONS = np.array([0.05, 0.25, 0.75, 0.95])
"""Of the fluence: T90 lies between the outer two, T50 between the inner two."""


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
    """Average the first and the last time at which the curve passes a level upwards."""
    points = curve.size
    first, last = 0, points - 2
    while first < points - 2 and curve[first + 1] < level:
        first += 1
    while last > 0 and curve[last] > level:
        last -= 1
    return 0.5 * (_between(time, curve, first, level) + _between(time, curve, last, level))


@kernel
def crossing_times(
    time: Floats, curve: Floats, before: int, after: int, fractions: Floats
) -> tuple[Floats, float, float]:
    """Find when the curve passes fractions of the way between its plateaus.

    Parameters
    ----------
    time, curve
        Edges and cumulated counts, shape (n + 1,).
    before, after
        The plateaus are the means of the first `before` + 1 and the last `after` + 1 points.
    fractions
        Shape (k,).

    Returns
    -------
    tuple
        Times of shape (k,), and the plateaus.
    """
    low = curve[: before + 1].mean()
    high = curve[curve.size - after - 1 :].mean()
    times = np.empty(fractions.size)
    for k in range(fractions.size):
        times[k] = _crossing(time, curve, low + fractions[k] * (high - low))
    return times, low, high


@kernel
def replicas(
    time: Floats,
    expected: Floats,
    error: Floats,
    offset: Floats,
    scale: Floats,
    background_modes: Floats,
    before: int,
    after: int,
    fractions: Floats,
    number: int,
    rng: np.random.Generator,
) -> Floats:
    """Repeat the measurement on simulated light curves (parametric bootstrap).

    Parameters
    ----------
    time
        Edges of the cells, shape (n + 1,).
    expected
        Burst and background counts of each cell, shape (n,).
    error
        Gaussian errors of the counts, shape (n,); empty: Poisson.
    offset
        What each cell adds to the curve beside its counts (minus background, fill of gaps), (n,).
    scale
        Duration over live time of each cell, shape (n,); 0 for a gap.
    background_modes
        Independent 1-sigma deviations of the fitted background in each cell, shape (modes, n).
    before, after, fractions
        See `crossing_times`.
    number
        Of replicas.
    rng
        Source of randomness.

    Returns
    -------
    Floats
        Shape (number, fractions + 2): crossing times, and the two plateaus.
    """
    cells, modes = expected.size, background_modes.shape[0]
    gaussian = error.size > 0
    found = np.empty((number, fractions.size + 2))
    curve = np.zeros(cells + 1)
    for k in range(number):
        amplitudes = np.array([rng.standard_normal() for _ in range(modes)])
        for i in range(cells):
            if gaussian:
                counts = expected[i] + error[i] * rng.standard_normal()
            else:
                counts = float(rng.poisson(expected[i])) if expected[i] > 0.0 else 0.0
            for j in range(modes):
                counts -= amplitudes[j] * background_modes[j, i]
            curve[i + 1] = curve[i] + offset[i] + scale[i] * counts
        times, low, high = crossing_times(time, curve, before, after, fractions)
        found[k, : fractions.size] = times
        found[k, fractions.size] = low
        found[k, fractions.size + 1] = high
    return found

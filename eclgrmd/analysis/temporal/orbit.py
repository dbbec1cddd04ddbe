"""Whether a light curve of hours needs a burst, or is a background that rises and falls."""

import math

import numpy as np

from eclgrmd.model.flags import POOR_BACKGROUND
from eclgrmd.model.observation import Floats, LightCurve

from .background import fit_curve
from .intervals import as_intervals

__all__ = ["needs_no_burst"]

_TURNS = 8
"""Order of a polynomial that follows a background through some 1.5 orbits."""
_PERIODS_S = np.arange(5400.0, 6001.0, 50.0)
"""Of low orbits, from 350 to 850 km."""
_HARMONICS = 2
_ORDER = 4
_BINS = 300
_POOR_SIGMA = 5.0


def needs_no_burst(curve: LightCurve) -> bool:
    """Tell whether a smooth background fits the whole of a light curve.

    Either a polynomial of order 8, or one of order 4 with two harmonics of the period of a low
    orbit, fits as well as noise allows (5 sigma of the chi-square's scatter).
    """
    everything = as_intervals([(float(curve.start_s[0]), float(curve.stop_s[-1]))])
    fit = fit_curve(curve, everything, maximum_order=_TURNS)
    return POOR_BACKGROUND not in fit.flags or _repeats(curve)


def _repeats(curve: LightCurve) -> bool:
    first = np.unique(np.linspace(0, len(curve.counts), _BINS, endpoint=False).astype(int))
    live = np.add.reduceat(curve.exposure_s, first)
    counts = np.add.reduceat(curve.counts, first)
    variance = counts if curve.error is None else np.add.reduceat(np.square(curve.error), first)
    error = np.sqrt(np.maximum(variance, 1.0)) / live
    middle = 0.5 * (
        curve.start_s[first] + curve.stop_s[np.append(first[1:], len(curve.counts)) - 1]
    )
    dof = len(first) - _ORDER - 1 - 2 * _HARMONICS
    if dof < 1:
        return True
    least = min(_chi_square(middle, counts / live, error, period) for period in _PERIODS_S)
    return least < dof + _POOR_SIGMA * math.sqrt(2.0 * dof)


def _chi_square(time_s: Floats, rate: Floats, error: Floats, period_s: float) -> float:
    x = (time_s - time_s.mean()) / max(float(np.ptp(time_s)) / 2.0, 1e-6)
    phases = [2.0 * np.pi * k * time_s / period_s for k in range(1, _HARMONICS + 1)]
    columns = [x**k for k in range(_ORDER + 1)]
    columns += [wave(phase) for phase in phases for wave in (np.cos, np.sin)]
    design = np.array(columns).T / error[:, None]
    solution = np.linalg.lstsq(design, rate / error, rcond=None)[0]
    return float(np.square(rate / error - design @ solution).sum())

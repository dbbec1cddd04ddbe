"""Whether a light curve of hours needs a burst, or is a background that rises and falls."""

import math
from typing import NamedTuple

import numpy as np

from eclgrmd.model.observation import Floats, LightCurve

__all__ = ["needs_no_burst"]

_TURNS = 8
"""Order of a polynomial that follows a background through some 1.5 orbits."""
_PERIODS_S = np.arange(5400.0, 6001.0, 10.0)
"""Periods of low orbits, from 350 to 850 km."""
_HARMONICS = 2
_ORDER = 4
_BINS = 60
_POOR_SIGMA = 5.0


def needs_no_burst(curve: LightCurve) -> bool:
    """Return whether a smooth background fits the whole of a light curve.

    Either a polynomial of order 8, or one of order 4 with two harmonics of the period of a low
    orbit, fits some 60 wide bins as well as noise allows (5 sigma of the chi-square's scatter).
    """
    bins = _wide_bins(curve)
    polynomials = [np.zeros((len(bins.rate), 0))]
    waves = [_waves(bins.time_s, period) for period in _PERIODS_S]
    return any(
        _fits(bins, np.hstack([_powers(bins.time_s, order), further]))
        for order, others in ((_TURNS, polynomials), (_ORDER, waves))
        for further in others
    )


class _Bins(NamedTuple):
    time_s: Floats
    """Middles, shape (n,)."""
    rate: Floats
    error: Floats


def _wide_bins(curve: LightCurve) -> _Bins:
    first = np.unique(np.linspace(0, len(curve.counts), _BINS, endpoint=False).astype(int))
    last = np.append(first[1:], len(curve.counts)) - 1
    live = np.add.reduceat(curve.exposure_s, first)
    counts = np.add.reduceat(curve.counts, first)
    variance = counts if curve.error is None else np.add.reduceat(np.square(curve.error), first)
    middle = 0.5 * (curve.start_s[first] + curve.stop_s[last])
    return _Bins(middle, counts / live, np.sqrt(np.maximum(variance, 1.0)) / live)


def _powers(time_s: Floats, order: int) -> Floats:
    x = (time_s - time_s.mean()) / max(0.5 * float(np.ptp(time_s)), 1e-6)
    return np.vander(x, order + 1, increasing=True)


def _waves(time_s: Floats, period_s: float) -> Floats:
    phases = [2.0 * np.pi * k * time_s / period_s for k in range(1, _HARMONICS + 1)]
    return np.array([wave(phase) for phase in phases for wave in (np.cos, np.sin)]).T


def _fits(bins: _Bins, columns: Floats) -> bool:
    dof = int(len(bins.rate) - columns.shape[1])
    if dof < 1:
        return True
    design, data = columns / bins.error[:, None], bins.rate / bins.error
    residual = data - design @ np.linalg.lstsq(design, data, rcond=None)[0]
    chi_square = float(np.square(residual).sum())
    return chi_square < dof + _POOR_SIGMA * math.sqrt(2.0 * dof)

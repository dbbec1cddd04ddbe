"""Test whether the background's variation over an orbit explains a long light curve."""

import math
from typing import NamedTuple

import numpy as np

from eclgrmd.model.observation import Floats, LightCurve

__all__ = ["needs_no_burst"]

_HIGH_ORDER = 8
"""Order of a polynomial that can follow a background through about 1.5 orbits."""
_PERIODS_S = np.arange(5400.0, 6001.0, 10.0)
"""Periods of low Earth orbits that are tried, seconds; the range covers altitudes of about 350 to
850 km."""
_HARMONICS = 2
"""Number of harmonics of the orbital period; a choice."""
_ORDER = 4
"""Order of the polynomial that is combined with the harmonics; a choice."""
_BINS = 60
"""Number of bins that the light curve is rebinned to; a choice."""
_POOR_SIGMA = 5.0
"""Excess of chi-square, in units of its standard deviation, that makes a fit poor; a choice."""


def needs_no_burst(curve: LightCurve) -> bool:
    """Return True if a smooth background fits the whole light curve.

    The models are a polynomial of order 8, and one of order 4 with two harmonics of the period of a
    low Earth orbit. A model fits 60 wide bins if its chi-square exceeds the degrees of freedom by
    less than 5 standard deviations.
    """
    bins = _wide_bins(curve)
    polynomials = [np.zeros((len(bins.rate), 0))]
    harmonics = [_harmonics(bins.time_s, period) for period in _PERIODS_S]
    return any(
        _fits(bins, np.hstack([_powers(bins.time_s, order), further]))
        for order, others in ((_HIGH_ORDER, polynomials), (_ORDER, harmonics))
        for further in others
    )


class _Bins(NamedTuple):
    time_s: Floats
    """Centres of the bins, seconds after t0, shape (n,)."""
    rate: Floats
    """Counts/s, shape (n,)."""
    error: Floats
    """1-sigma error of `rate`, shape (n,)."""


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


def _harmonics(time_s: Floats, period_s: float) -> Floats:
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

"""Fluence hardness for the classification of a burst, from its spectral fit."""

from math import hypot

import numpy as np

from eclgrmd.analysis.spectral.results import IntervalFits, NuFnu, SpectralAnalysis
from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Floats

__all__ = ["fluence_hardness"]

# BATSE channels 2 and 3, in which the hardness of the classes is known (`classification`).
_SOFT_KEV: Interval = (50.0, 100.0)
_HARD_KEV: Interval = (100.0, 300.0)
_KINDS = ("t100", "t90")
"""Kinds of intervals that contain the whole burst."""
_POINTS = 65
"""Number of points of the trapezoidal integral over each band; a choice."""


def fluence_hardness(spectral: SpectralAnalysis | None) -> Measurement | None:
    """Return the ratio of the energy fluences in 100-300 keV and 50-100 keV of the whole burst.

    It is computed from the reference model. The errors of the two fluences are taken from the edges
    of the 1-sigma band of the fitted spectrum and combined as independent. The result is
    conservative, because the error of the amplitude cancels in the ratio.

    Returns
    -------
    Measurement | None
        None without a fit of T100 or T90 to data that cover 50 to 300 keV.
    """
    for interval in () if spectral is None else spectral.intervals:
        nufnu = interval.models[0].nufnu if interval.models else None
        if interval.kind in _KINDS and nufnu is not None and _covers(interval):
            return _ratio(nufnu)
    return None


def _covers(interval: IntervalFits) -> bool:
    ranges = interval.energy_kev.values()
    return any(low <= _SOFT_KEV[0] for low, _ in ranges) and any(
        high >= _HARD_KEV[1] for _, high in ranges
    )


def _ratio(nufnu: NuFnu) -> Measurement | None:
    if nufnu.energy_kev[0] > _SOFT_KEV[0] or nufnu.energy_kev[-1] < _HARD_KEV[1]:
        return None
    curves = (nufnu.value_erg, nufnu.low_erg, nufnu.high_erg)
    soft, hard = (
        [_fluence(nufnu.energy_kev, curve, band) for curve in curves]
        for band in (_SOFT_KEV, _HARD_KEV)
    )
    if not (soft[0] > 0.0 and hard[0] > 0.0 and np.isfinite([*soft, *hard]).all()):
        return None
    ratio = hard[0] / soft[0]
    relative = [0.5 * (high - low) / value for value, low, high in (soft, hard)]
    error = ratio * hypot(*relative)
    return Measurement(ratio, error, error)


def _fluence(energy_kev: Floats, nufnu: Floats, band_kev: Interval) -> float:
    """Return the integral of E^2 N(E) over ln E in a band, erg/cm2/s."""
    grid = np.linspace(np.log(band_kev[0]), np.log(band_kev[1]), _POINTS)
    values = np.interp(grid, np.log(energy_kev), nufnu)
    return float(np.sum(0.5 * (values[1:] + values[:-1]) * np.diff(grid)))

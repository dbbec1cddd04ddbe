"""Backgrounds: expected counts without a burst, per channel and time.

ECLAIRs: 3000 counts/s of cosmic X-ray background (photons ~ E^-1.29 exp(-E / 41 keV), Gruber et
al. 1999, ApJ 520, 124) and some instrumental continuum, less 70 % of the Earth's share of the
field of view over the 96 min orbit. GRM: 1400 counts/s in each detector, a continuum with the
511 keV line, on a slow quadratic drift.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import ndtr

from eclgrmd.model.observation import Floats

from .responses import GRM_GOOD_CHANNELS, eclairs_response, grm_channels, grm_sigma_kev
from .satellite import Satellite

__all__ = [
    "ORBIT_S",
    "BackgroundRate",
    "eclairs_background",
    "grm_background",
]

ORBIT_S = 96.0 * 60.0
"""Orbital period of the satellite, seconds."""
_ECLAIRS_HZ = 3000.0
"""Background of ECLAIRs, counts/s."""
_GRM_HZ = 1400.0
"""Background of one GRM detector, counts/s."""
_LINE_HZ = 25.0
"""Part of it in the line at 511 keV, counts/s."""
_NODES, _WEIGHTS = leggauss(5)
"""Gauss-Legendre nodes and weights within a time interval."""


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundRate:
    """Rate per channel times a slow function of time, `1 + a x + b x^2 - c (1 - cos(w t + p)) / 2`.

    x is the time in units of 600 s.
    """

    per_channel_hz: Floats
    """Counts/s per channel where the function of time is 1, shape (n,)."""
    drift: tuple[float, float] = (0.0, 0.0)
    """Coefficients a and b, dimensionless."""
    eclipse: float = 0.0
    """Coefficient c: part of the rate that is lost when the Earth fills the field of view."""
    orbit_phase: float = 0.0
    """Phase p, radians: 0 if the Earth is out of view at t0."""
    satellite: Satellite | None = None
    """Its field of view tells how much the Earth covers, instead of the cosine; None: none."""

    def relative(self, time_s: Floats) -> Floats:
        """Return the rate relative to `per_channel_hz`, with the shape of `time_s`."""
        a, b = self.drift
        x = time_s / 600.0
        if self.satellite is None:
            earth = 0.5 * (1.0 - np.cos(2.0 * np.pi * time_s / ORBIT_S + self.orbit_phase))
        else:
            grid = self.satellite.grid(float(time_s.min()) - 1.0, float(time_s.max()) + 1.0)
            earth = np.interp(time_s, grid, self.satellite.covered(grid))
        return 1.0 + a * x + b * x * x - self.eclipse * earth

    def seconds(self, start_s: Floats, stop_s: Floats) -> Floats:
        """Return the integral of `relative` over each interval, seconds."""
        half = 0.5 * (stop_s - start_s)
        nodes = 0.5 * (start_s + stop_s)[:, None] + half[:, None] * _NODES
        integral: Floats = half * (self.relative(nodes) @ _WEIGHTS)
        return integral

    def counts(self, intervals_s: Floats) -> Floats:
        """Return the expected counts per channel in all intervals (shape (k, 2)) together."""
        seconds = float(self.seconds(intervals_s[:, 0], intervals_s[:, 1]).sum())
        return self.per_channel_hz * seconds


def eclairs_background(orbit_phase: float, satellite: Satellite | None = None) -> BackgroundRate:
    """Return the background of ECLAIRs."""
    response = eclairs_response(0.0)
    low, high = response.energy_low_kev, response.energy_high_kev
    energy = np.sqrt(low * high)
    cosmic = (energy**-1.29 * np.exp(-energy / 41.13) * (high - low)) @ response.matrix_cm2
    instrumental = np.full(cosmic.size, 1.0 / cosmic.size)
    shape = 0.92 * cosmic / cosmic.sum() + 0.08 * instrumental
    return BackgroundRate(
        _ECLAIRS_HZ * shape, eclipse=0.7, orbit_phase=orbit_phase, satellite=satellite
    )


def grm_background(drift: tuple[float, float]) -> BackgroundRate:
    """Return the background of one GRM detector."""
    channels = grm_channels()
    low, high = channels.e_min_kev, channels.e_max_kev
    good = channels.number < GRM_GOOD_CHANNELS
    continuum = np.where(good, (low * high) ** -0.75 * (high - low), 0.0)
    sigma = grm_sigma_kev(np.array([511.0]))
    line = ndtr((high - 511.0) / sigma) - ndtr((low - 511.0) / sigma)
    counts = (_GRM_HZ - _LINE_HZ) * continuum / continuum.sum() + _LINE_HZ * line
    return BackgroundRate(counts, drift=drift)

"""A peer that needs no installation: the same Band fit in plain numpy, with MIGRAD and HESSE.

It is independent code, so it also checks the optimum: its own Band function, dense folding, and
PGSTAT with the background from its quadratic equation.
"""

from collections.abc import Sequence

import numpy as np
from iminuit import Minuit

from eclgrmd.analysis.spectral.fit.problem import Measured
from eclgrmd.model.observation import Floats

__all__ = ["START", "band_photons", "fit_band", "pgstat_of", "statistic_at"]

START = (0.02, -1.0, 200.0, -2.5)
"""Start of the fit: amplitude, alpha, Epeak in keV, beta; that of the peers."""
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(3)
"""Gauss-Legendre points and weights within a photon bin."""


def fit_band(spectra: Sequence[Measured]) -> tuple[float, Floats, Floats]:
    """Fit from `START`; return statistic, parameters and symmetric errors."""

    def total(k: float, alpha: float, epeak: float, beta: float) -> float:
        return statistic_at(spectra, (k, alpha, epeak, beta))

    minuit = Minuit(total, *START)
    minuit.errordef = 1.0
    minuit.limits = [(1e-6, 10.0), (-1.5, 1.0), (10.0, 5000.0), (-5.0, -1.6)]
    minuit.migrad()
    minuit.hesse()
    return float(minuit.fval or np.inf), np.array(minuit.values), np.array(minuit.errors)


def statistic_at(
    spectra: Sequence[Measured], parameters: tuple[float, float, float, float]
) -> float:
    """Sum PGSTAT over all spectra for amplitude, alpha, Epeak and beta."""
    return sum(_pgstat(s, _photons(s, *parameters)) for s in spectra)


def _photons(spectrum: Measured, k: float, alpha: float, epeak: float, beta: float) -> Floats:
    response = spectrum.response
    return band_photons(response.energy_low_kev, response.energy_high_kev, k, alpha, epeak, beta)


def band_photons(
    low_kev: Floats, high_kev: Floats, k: float, alpha: float, epeak: float, beta: float
) -> Floats:
    """Integrate the Band function over photon bins by three Gauss-Legendre points, shape (m,)."""
    half = 0.5 * (high_kev - low_kev)
    energy = 0.5 * (high_kev + low_kev)[:, None] + half[:, None] * _POINTS
    photons: Floats = half * (_band(energy, k, alpha, epeak, beta) @ _WEIGHTS)
    return photons


def _band(energy: Floats, k: float, alpha: float, epeak: float, beta: float) -> Floats:
    folding, step = epeak / (2.0 + alpha), alpha - beta
    steep = (step * folding / 100.0) ** step * np.exp(-step) * (energy / 100.0) ** beta
    bent = (energy / 100.0) ** alpha * np.exp(-energy / folding)
    return k * np.where(energy < step * folding, bent, steep)


def _pgstat(spectrum: Measured, photons: Floats) -> float:
    return float(pgstat_of(spectrum, photons @ spectrum.response.matrix))


def pgstat_of(spectrum: Measured, source: Floats) -> Floats:
    """Sum PGSTAT over the channels, the last axis of the expected source counts."""
    counts, level, variance = spectrum.counts, spectrum.background, spectrum.spread
    # (background - level) (source + background) = variance (counts - source - background)
    linear = source + variance - level
    constant = variance * (source - counts) - level * source
    background = 0.5 * (np.sqrt(linear * linear - 4.0 * constant) - linear)
    background = np.maximum(background, 0.0)
    expected = np.maximum(source + background, 1e-300)
    ratio = np.where(counts > 0, counts * np.log(np.maximum(counts, 1.0) / expected), 0.0)
    misfit = (background - level) ** 2 / variance
    total: Floats = 2.0 * (expected - counts + ratio).sum(axis=-1) + misfit.sum(axis=-1)
    return total

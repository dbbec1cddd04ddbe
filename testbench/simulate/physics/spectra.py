"""Photon spectra with known parameters: Band function and cutoff power law."""

from typing import Literal

import numpy as np
from msgspec import Struct

from eclgrmd.model.observation import Floats

__all__ = ["ERG_PER_KEV", "PIVOT_KEV", "PhotonSpectrum"]

ERG_PER_KEV = 1.602176634e-9
"""Exact, from the SI value of the elementary charge."""
PIVOT_KEV = 100.0
"""Energy at which the amplitude is defined."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
"""Gauss-Legendre nodes and weights within an energy bin."""


class PhotonSpectrum(Struct, frozen=True):
    """Shape of a photon spectrum, with unit amplitude at the pivot of 100 keV.

    The Band function (Band et al. 1993, ApJ 413, 281) or, without `beta`, the cutoff power law
    `(E / 100 keV)^alpha exp(-(2 + alpha) E / Epeak)`.
    """

    epeak_kev: float
    """Peak of E^2 N(E)."""
    alpha: float
    """Low-energy photon index."""
    beta: float | None = None
    """High-energy photon index; None: exponential cutoff."""

    @property
    def model(self) -> Literal["band", "cpl"]:
        """Name of the model, as in task configurations."""
        return "cpl" if self.beta is None else "band"

    def density(self, energy_kev: Floats) -> Floats:
        """Return photons/keV at the given energies, for unit amplitude."""
        fold_kev = self.epeak_kev / (2.0 + self.alpha)
        low = (energy_kev / PIVOT_KEV) ** self.alpha * np.exp(-energy_kev / fold_kev)
        if self.beta is None:
            return low
        step = self.alpha - self.beta
        high = (
            (step * fold_kev / PIVOT_KEV) ** step
            * np.exp(-step)
            * (energy_kev / PIVOT_KEV) ** self.beta
        )
        return np.where(energy_kev < step * fold_kev, low, high)

    def photons(self, low_kev: Floats, high_kev: Floats) -> Floats:
        """Return the photons in each energy bin, for unit amplitude."""
        return self._integrate(low_kev, high_kev, power=0)

    def energy_erg(self, low_kev: float, high_kev: float) -> float:
        """Return the energy in a band, erg, for unit amplitude."""
        edges = np.geomspace(low_kev, high_kev, 201)
        return ERG_PER_KEV * float(self._integrate(edges[:-1], edges[1:], power=1).sum())

    def _integrate(self, low_kev: Floats, high_kev: Floats, power: int) -> Floats:
        """Return the integral of E^power N(E) dE over each bin, by Gauss-Legendre in ln E."""
        middle = 0.5 * np.log(low_kev * high_kev)
        half = 0.5 * np.log(high_kev / low_kev)
        energy = np.exp(middle[:, None] + half[:, None] * _NODES)
        integral: Floats = half * ((self.density(energy) * energy ** (power + 1)) @ _WEIGHTS)
        return integral

"""Luminosity distances in the cosmology of Planck 2018, without the import of a whole library."""

import math

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["COSMOLOGY", "luminosity_distance_cm"]

COSMOLOGY = "flat LambdaCDM, Planck Collaboration 2020 (A&A 641, A6): astropy Planck18"
"""Name of the cosmology in results; a test compares the distances with astropy's."""
_H0 = 67.66 / (1e6 * 3.0856775814913674e13)
"""Hubble constant, 1/s: 67.66 km/s/Mpc."""
_OMEGA_M = 0.30966
"""Density of matter, without neutrinos, today, over the critical one."""
_T_CMB, _N_EFF, _NEUTRINO_EV = 2.7255, 3.046, 0.06
"""Temperature of the CMB, K; effective number of neutrinos; mass of the heaviest of the three, eV,
while the others have none."""
_C, _G, _SIGMA_SB = 2.99792458e10, 6.6743e-8, 5.6703744191844314e-5
"""Speed of light, gravitational constant, Stefan-Boltzmann constant (CODATA 2018), cgs."""
_K_B_EV = 8.617333262145179e-05
"""Boltzmann constant, eV/K."""
_CRITICAL = 3.0 * _H0**2 / (8.0 * math.pi * _G)
"""Critical density today, g/cm3."""
_OMEGA_GAMMA = 4.0 * _SIGMA_SB / _C**3 * _T_CMB**4 / _CRITICAL
"""Density of photons today, over the critical one."""
_NEUTRINO_Y = _NEUTRINO_EV / (_K_B_EV * 0.7137658555036082 * _T_CMB)
"""Mass of the heaviest neutrino over its temperature today, (4/11)**(1/3) of the CMB's."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
"""Gauss-Legendre rule, exact to rounding for the smooth integrand up to z = 30."""


def luminosity_distance_cm(redshift: float) -> float:
    """Return the luminosity distance, cm, for z >= 0.

    The comoving distance is the integral of c/H over ln(1+z); a flat universe is assumed.
    """
    half = 0.5 * math.log1p(redshift)
    stretch = np.exp(half * (_NODES + 1.0))
    hubble_distances = half * float(_WEIGHTS @ (stretch / np.sqrt(_density(stretch))))
    return (1.0 + redshift) * _C / _H0 * hubble_distances


def _density(stretch: Floats) -> Floats:
    """Return the total density at 1+z over the critical density today."""
    radiation = _OMEGA_GAMMA * (1.0 + _neutrinos(stretch)) * stretch**4
    vacuum = 1.0 - _OMEGA_M - _OMEGA_GAMMA * (1.0 + _neutrinos(np.ones(1))[0])
    return np.asarray(_OMEGA_M * stretch**3 + radiation + vacuum)


def _neutrinos(stretch: Floats) -> Floats:
    """Return the density of neutrinos at 1+z over that of photons.

    Two neutrinos are massless, and one is massive (Komatsu et al. 2011, ApJS 192, 18, eq. 26).
    """
    massive = (1.0 + (0.3173 * _NEUTRINO_Y / stretch) ** 1.83) ** 0.54644808743
    return np.asarray(0.22710731766 * (_N_EFF / 3.0) * (2.0 + massive))

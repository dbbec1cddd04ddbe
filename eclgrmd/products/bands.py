"""Fluxes and fluences of a fit in the energy bands of GBM's catalogue."""

from typing import TypeVar

from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.result import Fluence, Flux, ModelFit

__all__ = [
    "BATSE_BAND_KEV",
    "GBM_BAND_KEV",
    "energy_fluence",
    "energy_flux",
    "photon_fluence",
    "photon_flux",
]

GBM_BAND_KEV = (10.0, 1000.0)
"""Band of the fluxes and fluences of FERMIGBRST, keV."""
BATSE_BAND_KEV = (50.0, 300.0)
"""Band of the columns of FERMIGBRST that compare with BATSE, keV."""
_Banded = TypeVar("_Banded", Flux, Fluence)


def photon_flux(fit: ModelFit, band_kev: Interval) -> Measurement:
    """Return the photon flux in a band, photons/cm2/s."""
    found = _in_band(fit.flux, band_kev)
    return found.photon if found else NOT_MEASURED


def energy_flux(fit: ModelFit, band_kev: Interval) -> Measurement:
    """Return the energy flux in a band, erg/cm2/s."""
    found = _in_band(fit.flux, band_kev)
    return found.energy_erg if found else NOT_MEASURED


def photon_fluence(fit: ModelFit, band_kev: Interval) -> Measurement:
    """Return the photon fluence in a band, photons/cm2."""
    found = _in_band(fit.fluence_photon, band_kev)
    return found.measurement if found else NOT_MEASURED


def energy_fluence(fit: ModelFit, band_kev: Interval) -> Measurement:
    """Return the energy fluence in a band, erg/cm2."""
    found = _in_band(fit.fluence_erg, band_kev)
    return found.measurement if found else NOT_MEASURED


def _in_band(measured: tuple[_Banded, ...], band_kev: Interval) -> _Banded | None:
    return next((each for each in measured if each.band_kev == band_kev), None)

"""Energies in the frame of the burst, for a known or an assumed redshift."""

import math

from astropy.cosmology import Planck18

from .flux import band_flux
from .minimum import Minimum
from .problem import Problem
from .results import Estimate, FittedParameter, RestFrame

__all__ = ["rest_frame"]

_BAND_KEV = (1.0, 1e4)
_COSMOLOGY = "flat LambdaCDM, Planck Collaboration 2020 (A&A 641, A6): astropy Planck18"


def rest_frame(
    problem: Problem,
    minimum: Minimum,
    epeak: FittedParameter | None,
    redshift: float,
    duration_s: float,
) -> RestFrame:
    """Compute Eiso, the mean Liso and Epeak,i (1 keV - 10 MeV in the burst's frame).

    The flux is integrated over the band as it arrives, 1/(1+z) keV to 10/(1+z) MeV, which is the
    k correction of Bloom, Frail & Sari 2001 (AJ 121, 2879).

    Parameters
    ----------
    problem, minimum
        The fit.
    epeak
        Its Epeak; None: the model has none.
    redshift
        z > 0.
    duration_s
        Length of the interval, seconds.
    """
    stretch = 1.0 + redshift
    band = (_BAND_KEV[0] / stretch, _BAND_KEV[1] / stretch)
    flux = band_flux(problem, minimum, band, energy=True)
    sphere_cm2 = 4.0 * math.pi * float(Planck18.luminosity_distance(redshift).to_value("cm")) ** 2
    return RestFrame(
        redshift=redshift,
        epeak_kev=Estimate(None, None, None) if epeak is None else _peak(epeak, stretch),
        eiso_erg=flux.times(sphere_cm2 * duration_s / stretch),
        liso_erg_s=flux.times(sphere_cm2),
        cosmology=_COSMOLOGY,
    )


def _peak(epeak: FittedParameter, stretch: float) -> Estimate:
    return Estimate(epeak.value, epeak.err_minus, epeak.err_plus).times(stretch)

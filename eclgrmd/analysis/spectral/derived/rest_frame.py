"""Energies and luminosities in the rest frame of the burst, for a known or an assumed redshift."""

import math
from collections.abc import Mapping

from eclgrmd.analysis.spectral.fit.minimum import Minimum
from eclgrmd.analysis.spectral.fit.problem import Problem
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.result import Parameter, RestFrame

from .cosmology import COSMOLOGY, luminosity_distance_cm
from .flux import band_flux

__all__ = ["ASSUMED_REDSHIFTS", "rest_frame", "rest_frame_table"]

ASSUMED_REDSHIFTS = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)
"""Redshifts of the table for bursts of unknown redshift; they cover the observed bursts."""
_BAND_KEV = (1.0, 1e4)
"""Rest-frame band of Eiso and Liso: the usual 1 keV - 10 MeV."""


def rest_frame(
    problem: Problem,
    minimum: Minimum,
    parameters: Mapping[str, Parameter],
    redshift: float,
    duration_s: float,
    *,
    assumed: bool = False,
) -> RestFrame:
    """Return Eiso, the mean Liso and Epeak,i (1 keV - 10 MeV in the rest frame).

    The flux is integrated over the observed band, 1/(1+z) keV to 10/(1+z) MeV, which is the k
    correction of Bloom, Frail & Sari 2001 (AJ 121, 2879).

    Parameters
    ----------
    problem, minimum
        The fit and its minimum.
    parameters
        Fitted parameters; without an Epeak among them Epeak,i has no value.
    redshift
        Redshift, z > 0.
    duration_s
        Length of the interval, seconds.
    assumed
        True if the redshift is assumed rather than known.
    """
    stretch = 1.0 + redshift
    band = (_BAND_KEV[0] / stretch, _BAND_KEV[1] / stretch)
    flux, _ = band_flux(problem, minimum, band, energy=True)
    sphere_cm2 = 4.0 * math.pi * luminosity_distance_cm(redshift) ** 2
    return RestFrame(
        redshift=redshift,
        epeak_kev=_peak(parameters, stretch),
        eiso_erg=flux.times(sphere_cm2 * duration_s / stretch),
        liso_erg_s=flux.times(sphere_cm2),
        cosmology=COSMOLOGY,
        assumed=assumed,
    )


def rest_frame_table(
    problem: Problem,
    minimum: Minimum,
    parameters: Mapping[str, Parameter],
    duration_s: float,
) -> tuple[RestFrame, ...]:
    """Return the rest-frame values of a burst of unknown redshift, for z from 0.1 to 10."""
    return tuple(
        rest_frame(problem, minimum, parameters, z, duration_s, assumed=True)
        for z in ASSUMED_REDSHIFTS
    )


def _peak(parameters: Mapping[str, Parameter], stretch: float) -> Measurement:
    epeak = parameters.get("epeak_kev")
    return NOT_MEASURED if epeak is None else epeak.measurement.times(stretch)

"""Plausible responses of ECLAIRs and of the three GRM detectors, for any direction of the burst.

Not the mission's calibration: simple physics with the published sizes (ECLAIRs: 1024 cm2 CdTe
under a mask that is 40 % open; GRM: 200 cm2 x 1.5 cm NaI each, 16 % FWHM at 60 keV, tilted 30
degrees from the ECLAIRs axis and 120 degrees apart). Attenuation is interpolated from rounded
values of NIST XCOM.
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Floats, Response

__all__ = [
    "ECLAIRS",
    "GRM",
    "GRM_GOOD_CHANNELS",
    "eclairs_channels",
    "eclairs_response",
    "grm_channels",
    "grm_cosine",
    "grm_response",
    "grm_sigma_kev",
]

ECLAIRS = "ECL"
GRM = ("GRD01", "GRD02", "GRD03")

GRM_GOOD_CHANNELS = 256
"""First GRM channel that holds no good events."""

_FWHM = 2.3548200450309493
"""Full width at half maximum of a Gaussian in sigma, 2 sqrt(2 ln 2)."""
_ELECTRON_KEV = 511.0
"""Rest energy of the electron."""
_NEGLIGIBLE = 1e-10
"""Part of a line below which a channel counts as not reached."""

# Energy in keV, mass attenuation in cm2/g, with the K edges of the elements.
_NAI = np.array(
    [
        (10.0, 139.0), (15.0, 47.4), (20.0, 22.3), (30.0, 7.45), (33.16, 5.7), (33.18, 30.3),
        (40.0, 19.2), (50.0, 10.7), (60.0, 6.62), (80.0, 3.12), (100.0, 1.72), (150.0, 0.625),
        (200.0, 0.334), (300.0, 0.167), (400.0, 0.117), (500.0, 0.0955), (600.0, 0.0826),
        (800.0, 0.0676), (1000.0, 0.0584), (1500.0, 0.0464), (2000.0, 0.0411), (3000.0, 0.0367),
        (5000.0, 0.0347), (10000.0, 0.0361),
    ]
)  # fmt: skip
_CDTE = np.array(
    [
        (3.0, 900.0), (4.3, 700.0), (6.0, 480.0), (8.0, 230.0), (10.0, 127.0), (15.0, 43.0),
        (20.0, 20.0), (26.7, 9.2), (26.72, 23.0), (31.8, 15.0), (31.82, 30.0), (40.0, 17.5),
        (50.0, 9.7), (60.0, 6.0), (80.0, 2.8), (100.0, 1.55), (150.0, 0.57), (200.0, 0.31),
        (300.0, 0.157), (500.0, 0.093),
    ]
)  # fmt: skip


def eclairs_channels() -> Channels:
    """Return the channels of the regrouped PI: 300 of 0.5 keV from 4 keV, numbered from 0."""
    edges = 4.0 + 0.5 * np.arange(301, dtype=np.float64)
    return Channels(np.arange(300), edges[:-1], edges[1:])


def grm_channels() -> Channels:
    """Return the channels of a GRM detector: 256 from 12 to 5500 keV and 3 for overflow.

    Edges are spaced logarithmically and rounded to single precision, as in the files.
    """
    edges = np.geomspace(12.0, 5500.0, 257)
    edges = np.concatenate([edges, edges[-1] * 1.02 ** np.arange(1, 4)])
    edges = edges.astype(np.float32).astype(np.float64)
    return Channels(np.arange(259), edges[:-1], edges[1:])


def grm_cosine(detector: str, theta_deg: float, phi_deg: float) -> float:
    """Return the cosine of the angle between a GRM detector's axis and the burst; 0 from behind.

    `theta_deg` and `phi_deg` are the polar angles of the burst around the ECLAIRs axis.
    """
    tilt, azimuth = np.radians(30.0), np.radians(120.0 * GRM.index(detector))
    theta, phi = np.radians(theta_deg), np.radians(phi_deg)
    cosine = np.cos(tilt) * np.cos(theta) + np.sin(tilt) * np.sin(theta) * np.cos(phi - azimuth)
    return max(0.0, float(cosine))


def grm_sigma_kev(energy_kev: Floats) -> Floats:
    """Return the 1-sigma energy resolution of a GRM detector: 16 % FWHM at 60 keV, ~ E^0.5."""
    return 0.16 * np.sqrt(60.0 * energy_kev) / _FWHM


def eclairs_response(theta_deg: float) -> Response:
    """Return the response of ECLAIRs at an angle from its axis (zero beyond 44 degrees)."""
    low, high, matrix = _eclairs_matrix()
    coded = np.clip((44.0 - theta_deg) / (44.0 - 11.0), 0.0, 1.0) * np.cos(np.radians(theta_deg))
    return Response(Instrument.ECLAIRS, ECLAIRS, low, high, matrix * coded, eclairs_channels())


def grm_response(detector: str, theta_deg: float, phi_deg: float) -> Response:
    """Return the response of a GRM detector; its area goes with the cosine of the angle."""
    low, high, matrix = _grm_matrix()
    cosine = grm_cosine(detector, theta_deg, phi_deg)
    return Response(Instrument.GRM, detector, low, high, matrix * cosine, grm_channels())


@lru_cache(maxsize=1)
def _eclairs_matrix() -> tuple[Floats, Floats, Floats]:
    low, high, energy = _photon_bins(3.0, 300.0, 140)
    absorbed = -np.expm1(-_attenuation(_CDTE, energy) * 5.85 * 0.1)
    threshold = 1.0 / (1.0 + np.exp(-(energy - 5.0) / 0.8))  # insulation and noisy pixels
    mask_open_to_closed = 0.4 * np.exp(-0.002 * energy)
    area = 1024.0 * mask_open_to_closed * absorbed * threshold
    channels = eclairs_channels()
    # The resolution is finer than a photon bin: without the mean, channels would show spikes.
    sigma = np.full(energy.size, 1.3 / _FWHM)
    offsets = (np.arange(8) + 0.5) / 8.0
    smeared = np.mean([_smeared(low + p * (high - low), sigma, channels) for p in offsets], axis=0)
    return low, high, area[:, None] * smeared


@lru_cache(maxsize=1)
def _grm_matrix() -> tuple[Floats, Floats, Floats]:
    low, high, energy = _photon_bins(10.0, 8000.0, 300)
    thickness = 3.67 * 1.5
    seen = -np.expm1(-_attenuation(_NAI, energy) * thickness) * np.exp(-((9.0 / energy) ** 3))
    peak = 1.0 / (1.0 + (energy / 480.0) ** 1.8)
    smeared = _smeared(energy, grm_sigma_kev(energy), grm_channels())
    continuum = _compton_deposit(low, high, energy) @ smeared
    matrix = 200.0 * seen[:, None] * (peak[:, None] * smeared + (1.0 - peak)[:, None] * continuum)
    matrix[:, GRM_GOOD_CHANNELS:] = 0.0
    return low, high, matrix


def _photon_bins(low_kev: float, high_kev: float, bins: int) -> tuple[Floats, Floats, Floats]:
    """Return lower and upper edges (single precision, as in files) and centres of photon bins."""
    edges = np.geomspace(low_kev, high_kev, bins + 1).astype(np.float32).astype(np.float64)
    return edges[:-1], edges[1:], np.sqrt(edges[:-1] * edges[1:])


def _attenuation(table: Floats, energy_kev: Floats) -> Floats:
    """Interpolate mass attenuation, cm2/g, as a power law between the table's energies."""
    return np.exp(np.interp(np.log(energy_kev), np.log(table[:, 0]), np.log(table[:, 1])))


def _smeared(energy_kev: Floats, sigma_kev: Floats, channels: Channels) -> Floats:
    """Return the part of a Gaussian line at each energy that falls into each channel."""
    edges = np.append(channels.e_min_kev, channels.e_max_kev[-1])
    reached = ndtr((edges - energy_kev[:, None]) / sigma_kev[:, None])
    part: Floats = np.diff(reached, axis=1)
    return np.where(part > _NEGLIGIBLE, part, 0.0)


def _compton_deposit(low_kev: Floats, high_kev: Floats, energy_kev: Floats) -> Floats:
    """Return the part of escaping photons that deposits an energy in each bin: flat to the edge.

    Compton edge: Knoll, Radiation Detection and Measurement, equation 10.4.
    """
    ratio = 2.0 * energy_kev / _ELECTRON_KEV
    edge = (energy_kev * ratio / (1.0 + ratio))[:, None]
    return np.clip((np.minimum(high_kev, edge) - low_kev) / edge, 0.0, 1.0)

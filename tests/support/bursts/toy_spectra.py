"""A detector that is easy to compute, and the spectra that a model gives in it."""

import numpy as np

from eclgrmd.analysis.spectral.fit.models import photon_density
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Background, Channels, Floats, Response, Spectrum

__all__ = ["BAND_TRUTH", "expected_counts", "simulate", "toy_response"]

BAND_TRUTH = np.array([0.03, -0.9, 250.0, -2.4])


def toy_response(
    detector: str = "n0", bins: int = 140, channels: int = 64, area_cm2: float = 100.0
) -> Response:
    """A Gaussian redistribution of 12 % with a constant area and a small flat tail below."""
    energy = np.geomspace(5.0, 2000.0, bins + 1)
    edges = np.geomspace(8.0, 1000.0, channels + 1)
    middle = np.sqrt(energy[1:] * energy[:-1])
    centre = np.sqrt(edges[1:] * edges[:-1])
    shape = np.exp(-0.5 * ((np.log(centre) - np.log(middle)[:, None]) / 0.12) ** 2)
    shape += 0.02 * (centre < middle[:, None])
    total = shape.sum(axis=1, keepdims=True)
    matrix = area_cm2 * shape / np.maximum(total, 1.0)
    matrix[matrix < 1e-6 * area_cm2] = 0.0
    return Response(
        Instrument.GBM,
        detector,
        energy[:-1],
        energy[1:],
        matrix,
        Channels(np.arange(channels), edges[:-1], edges[1:]),
    )


def expected_counts(response: Response, model: str, values: Floats, exposure_s: float) -> Floats:
    """Fold slowly: 40 Simpson points per photon bin, dense matrix."""
    points = np.linspace(0.0, 1.0, 41)
    simpson = np.ones(41)
    simpson[1:-1:2], simpson[2:-1:2] = 4.0, 2.0
    low, width = response.energy_low_kev, response.energy_high_kev - response.energy_low_kev
    photons = np.zeros(len(low))
    for point, weight in zip(points, simpson / 120.0, strict=True):
        photons += weight * width * photon_density(model, values, low + point * width)
    return photons @ response.matrix_cm2 * exposure_s


def simulate(
    rng: np.random.Generator,
    response: Response,
    model: str = "band",
    values: Floats = BAND_TRUTH,
    exposure_s: float = 10.0,
    background_rate: float = 3.0,
) -> Spectrum:
    """Draw a spectrum with a Gaussian background of 4 times the source's exposure."""
    source = expected_counts(response, model, values, exposure_s)
    channels = len(source)
    level = background_rate * exposure_s
    off = rng.poisson(4.0 * level, channels)
    return Spectrum(
        instrument=response.instrument,
        detector=response.detector,
        start_s=0.0,
        stop_s=exposure_s,
        counts=rng.poisson(source + level).astype(np.float64),
        exposure_s=exposure_s,
        background=Background(off / 4.0, np.sqrt(np.maximum(off, 1.0)) / 4.0),
        response=response,
        channels=response.channels,
    )

"""A small simulated burst with known results, to test an installation and to compile kernels.

The light curve is a box of 10 s, so T90 is 9 s and T50 is 5 s; the photon spectrum is a Band
function (Band et al. 1993, ApJ 413, 281), seen by two detectors of 150 cm2 and 16 % resolution at
60 keV.
"""

import numpy as np

from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, EventList, Floats, Observation, Response

__all__ = ["TRUTH", "known_burst"]

TRUTH = {"t90_s": 9.0, "t50_s": 5.0, "epeak_kev": 200.0, "alpha": -1.0}
"""True values, which the analysis must find within its errors."""

_AMPLITUDE, _BETA = 0.05, -2.3
"""Amplitude in photons/cm2/s/keV at 100 keV, of a bright burst; a typical high-energy index."""
_BOX_S = (0.0, 10.0)
"""Begin and end of the pulse."""
_GOOD_S = (-60.0, 80.0)
"""Begin and end of the data: enough background on both sides."""
_BACKGROUND_CPS = 500.0
"""Background rate of one detector, as of a GRD."""
_AREA_CM2 = 150.0
"""Effective area of one detector, as of a GRD."""
_DETECTORS = ("GRD01", "GRD02")
"""Two detectors, so that the joint analysis is run."""


def known_burst(seed: int = 2017) -> Observation:
    """Simulate the burst; the same seed gives the same photons."""
    rng = np.random.default_rng(seed)
    channels, response = _channels(), _response()
    energy = np.sqrt(response.energy_low_kev * response.energy_high_kev)
    width = response.energy_high_kev - response.energy_low_kev
    expected = (_band(energy) * width) @ response.matrix_cm2 * (_BOX_S[1] - _BOX_S[0])
    return Observation(
        burst_id=BurstId("known-burst"),
        t0_utc="2017-01-01T00:00:00Z",
        t0_met_s=0.0,
        events=tuple(_events(rng, name, expected, channels) for name in _DETECTORS),
        responses=tuple(_response(name) for name in _DETECTORS),
    )


def _band(energy_kev: Floats) -> Floats:
    """Return the photon spectrum, photons/cm2/s/keV."""
    alpha, e0 = TRUTH["alpha"], TRUTH["epeak_kev"] / (2.0 + TRUTH["alpha"])
    bend = (alpha - _BETA) * e0
    low = (energy_kev / 100.0) ** alpha * np.exp(-energy_kev / e0)
    high = (bend / 100.0) ** (alpha - _BETA) * np.exp(_BETA - alpha) * (energy_kev / 100.0) ** _BETA
    return np.asarray(_AMPLITUDE * np.where(energy_kev < bend, low, high))


def _channels() -> Channels:
    edges = np.geomspace(15.0, 5000.0, 65)
    return Channels(np.arange(64), edges[:-1], edges[1:])


def _response(detector: str = _DETECTORS[0]) -> Response:
    channels = _channels()
    edges = np.geomspace(10.0, 6000.0, 141)
    energy = np.sqrt(edges[:-1] * edges[1:])
    sigma = 0.16 * np.sqrt(60.0 * energy) / 2.355
    centre = np.sqrt(channels.e_min_kev * channels.e_max_kev)
    width = channels.e_max_kev - channels.e_min_kev
    smeared = width * np.exp(-0.5 * ((centre - energy[:, None]) / sigma[:, None]) ** 2)
    smeared /= np.maximum(smeared.sum(axis=1, keepdims=True), 1e-300)
    inside = (energy > channels.e_min_kev[0]) & (energy < channels.e_max_kev[-1])
    matrix = _AREA_CM2 * smeared * inside[:, None]
    return Response(Instrument.GRM, detector, edges[:-1], edges[1:], matrix, channels)


def _events(
    rng: np.random.Generator, detector: str, expected: Floats, channels: Channels
) -> EventList:
    burst = np.repeat(np.arange(64), rng.poisson(expected))
    length = _GOOD_S[1] - _GOOD_S[0]
    background = np.repeat(np.arange(64), rng.poisson(_BACKGROUND_CPS / 64.0 * length, 64))
    time = np.concatenate(
        [rng.uniform(*_BOX_S, burst.size), rng.uniform(*_GOOD_S, background.size)]
    )
    order = np.argsort(time)
    return EventList(
        instrument=Instrument.GRM,
        detector=detector,
        time_s=time[order],
        channel=np.concatenate([burst, background])[order].astype(np.int16),
        channels=channels,
        gti_s=np.array([_GOOD_S]),
    )

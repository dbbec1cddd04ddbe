"""Simulates observations without files, for studies of many bursts."""

import numpy as np

from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import LightCurve, Observation, Spectrum
from testbench.simulate.physics.detectors import (
    Detector,
    detectors_of,
    expected_spectrum,
    quick_curve,
)
from testbench.simulate.physics.photons import draw_photons, generator

from .binning import event_list, good_bins, measured_background
from .burst import Burst
from .traps import damage, prepare
from .truth import BANDS_KEV, utc_of

__all__ = ["simulate_binned", "simulate_observation"]


def simulate_observation(burst: Burst, seed: int) -> Observation:
    """Simulate event lists and responses of all detectors of a burst.

    Includes dead time and the traps that change a burst or its photons, but not those of files.
    """
    burst = prepare(burst)
    events = []
    for detector in detectors_of(burst):
        rng = generator(seed, burst, detector.name)
        photons = damage(draw_photons(burst, detector, rng), burst, detector, rng)
        events.append(event_list(burst, detector, photons))
    return Observation(
        burst_id=BurstId(burst.burst_id),
        t0_utc=utc_of(burst.t0_met_s),
        t0_met_s=burst.t0_met_s,
        events=tuple(events),
        responses=tuple(d.response for d in detectors_of(burst)),
    )


def simulate_binned(burst: Burst, seed: int, bin_s: float = 0.064) -> Observation:
    """Simulate light curves and spectra only, each drawn from its own expectation.

    There is no dead time; counts of a light curve and of a spectrum are independent.
    """
    burst = prepare(burst)
    rng = generator(seed, burst, "binned")
    detectors = detectors_of(burst)
    curves = []
    for instrument, bands in BANDS_KEV.items():
        mine = tuple(d for d in detectors if d.instrument == instrument)
        if mine:
            curves.append(_light_curve(burst, mine, bands[0], bin_s, rng))
    return Observation(
        burst_id=BurstId(burst.burst_id),
        t0_utc=utc_of(burst.t0_met_s),
        t0_met_s=burst.t0_met_s,
        light_curves=tuple(curves),
        spectra=tuple(_spectrum(burst, d, rng) for d in detectors),
        responses=tuple(d.response for d in detectors),
    )


def _light_curve(
    burst: Burst,
    detectors: tuple[Detector, ...],
    band_kev: tuple[float, float],
    bin_s: float,
    rng: np.random.Generator,
) -> LightCurve:
    start, stop = good_bins(burst, bin_s)
    bins = np.stack([start, stop], axis=1)
    inside = detectors[0].response.channels.inside(*band_kev)
    expected = quick_curve(burst, detectors, bins, inside)
    for detector in detectors:
        rate = float(detector.background.per_channel_hz[inside].sum())
        expected += rate * detector.background.seconds(start, stop)
    return LightCurve(
        instrument=detectors[0].instrument,
        detectors=tuple(d.name for d in detectors),
        band_kev=band_kev,
        start_s=start,
        stop_s=stop,
        counts=rng.poisson(expected).astype(np.float64),
        exposure_s=stop - start,
    )


def _spectrum(burst: Burst, detector: Detector, rng: np.random.Generator) -> Spectrum:
    good = np.clip(burst.good_s(), *burst.interval_s)
    live = float(np.diff(good, axis=1).sum())
    background = detector.background.counts(good)
    source = expected_spectrum(burst, detector, good)
    return Spectrum(
        instrument=detector.instrument,
        detector=detector.name,
        start_s=burst.interval_s[0],
        stop_s=burst.interval_s[1],
        counts=rng.poisson(source + background).astype(np.float64),
        exposure_s=live,
        background=measured_background(burst, detector, live, rng),
        response=detector.response,
        channels=detector.response.channels,
    )

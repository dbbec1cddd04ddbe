"""Turns recorded events into event lists, light curves and spectra of the model."""

import numpy as np

from eclgrmd.model.intervals import bins_inside, inside, intersection, total_length
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Background, EventList, Floats, LightCurve, Spectrum
from testbench.simulate.physics.detectors import Detector, expected_curve
from testbench.simulate.physics.photons import Photons

from .burst import Burst

__all__ = ["event_list", "good_bins", "light_curve", "measured_background", "spectrum"]

OFF_SOURCE_S = 200.0
"""Length of the background measurement of each spectrum, seconds."""
LIVE_BIN_S = 0.05
"""Interval over which the dead-time fraction counts as constant, seconds."""

Recorded = tuple[Detector, Photons]


def event_list(burst: Burst, detector: Detector, photons: Photons) -> EventList:
    """Return a detector's events as a reader returns them from a file without oddities."""
    return EventList(
        instrument=detector.instrument,
        detector=detector.name,
        time_s=photons.good.time_s,
        channel=photons.good.channel,
        channels=detector.response.channels,
        gti_s=burst.good_s(),
        dead_time_s=detector.dead_time_s * photons.time_s.size / photons.good.time_s.size,
    )


def good_bins(burst: Burst, bin_s: float) -> tuple[Floats, Floats]:
    """Return starts and stops of the bins that lie fully in good time; t0 is an edge."""
    first, last = (int(t / bin_s) for t in burst.window_s)
    edges = np.arange(first, last + 1, dtype=np.float64) * bin_s
    start, stop = edges[:-1], edges[1:]
    kept = bins_inside(start, stop, burst.good_s())
    return start[kept], stop[kept]


def light_curve(
    burst: Burst, recorded: tuple[Recorded, ...], band_kev: tuple[float, float], bin_s: float
) -> LightCurve:
    """Return the light curve of one instrument in a band, all detectors together.

    The exposure of a bin is the mean live time of the detectors.
    """
    start, stop = good_bins(burst, bin_s)
    counts, dead = np.zeros(start.size), np.zeros(start.size)
    for detector, photons in recorded:
        good = photons.good
        chosen = detector.response.channels.inside(*band_kev)[good.channel]
        counts += _count(good.time_s[chosen], start, stop)
        dead += detector.dead_time_s * _count(photons.time_s, start, stop)
    return LightCurve(
        instrument=recorded[0][0].instrument,
        detectors=tuple(detector.name for detector, _ in recorded),
        band_kev=band_kev,
        start_s=start,
        stop_s=stop,
        counts=counts,
        exposure_s=stop - start - dead / len(recorded),
    )


def spectrum(
    burst: Burst, detector: Detector, photons: Photons, rng: np.random.Generator
) -> Spectrum:
    """Return the spectrum of the burst's interval, with background and response.

    Dead time is longest when the burst is brightest. The exposure is therefore the live time,
    weighted with the burst's own counts, and the background is the part of it that was recorded.
    The expected counts are then model times exposure plus background, however the burst varies.
    """
    good = intersection(burst.good_s(), [burst.interval_s])
    during = photons.only(inside(photons.time_s, good))
    channels = detector.response.channels
    counts = np.bincount(during.good.channel, minlength=channels.number.size)
    of_burst, of_background = _live_shares(burst, detector, during, good)
    good_s = total_length(good)
    return Spectrum(
        instrument=detector.instrument,
        detector=detector.name,
        start_s=burst.interval_s[0],
        stop_s=burst.interval_s[1],
        counts=counts.astype(np.float64),
        exposure_s=good_s * of_burst,
        background=measured_background(burst, detector, good_s * of_background, rng),
        response=detector.response,
        channels=channels,
        good=channels.number < 256 if detector.instrument == Instrument.GRM else None,
    )


def measured_background(
    burst: Burst, detector: Detector, exposure_s: float, rng: np.random.Generator
) -> Background:
    """Draw the background as a perfect interpolation from 200 s off the burst would measure it.

    Its mean is the true background of the interval, its error Gaussian (at least one count).
    """
    interval = intersection(burst.good_s(), [burst.interval_s])
    good_s = total_length(interval)
    expected = detector.background.counts(interval) / good_s
    counted: Floats = rng.poisson(expected * OFF_SOURCE_S).astype(np.float64)
    scale = exposure_s / OFF_SOURCE_S
    return Background(counted * scale, np.sqrt(np.maximum(counted, np.ones_like(counted))) * scale)


def _live_shares(
    burst: Burst, detector: Detector, during: Photons, good_s: Floats
) -> tuple[float, float]:
    """Return the live part of the good time, weighted with the burst's counts and unweighted."""
    edges = np.concatenate([np.linspace(a, b, int((b - a) / LIVE_BIN_S) + 2) for a, b in good_s])
    bins = np.stack([edges[:-1], edges[1:]], axis=1)
    bins = bins[inside(bins.mean(axis=1), good_s)]
    width = bins[:, 1] - bins[:, 0]
    dead = detector.dead_time_s * _count(during.time_s, bins[:, 0], bins[:, 1])
    weight = expected_curve(burst, (detector,), bins)
    of_background = 1.0 - float(dead.sum() / width.sum())
    if not weight.any():
        return of_background, of_background
    return 1.0 - float((weight * dead / width).sum() / weight.sum()), of_background


def _count(time_s: Floats, start_s: Floats, stop_s: Floats) -> Floats:
    indices = np.searchsorted(time_s, np.stack([start_s, stop_s]), side="left")
    number: Floats = (indices[1] - indices[0]).astype(np.float64)
    return number

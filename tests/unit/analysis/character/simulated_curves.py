"""Simulated light curves and events with known truth, made without the code under test."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.character.series import NetCurve
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, EventList, LightCurve, Observation

Floats = NDArray[np.float64]


def norris(time: Floats, start: float, rise: float, decay: float) -> Floats:
    """Return the pulse of Norris et al. 2005 with a height of 1."""
    since = np.maximum(time - start, 1e-9)
    shape = np.exp(2.0 * np.sqrt(rise / decay) - rise / since - since / decay)
    return np.where(time > start, shape, 0.0)


def edges(start: float, stop: float, bin_s: float) -> Floats:
    numbers = np.arange(round(start / bin_s), round(stop / bin_s) + 1)
    return np.asarray(numbers * bin_s, dtype=np.float64)


def centres(at: Floats) -> Floats:
    return 0.5 * (at[1:] + at[:-1])


def net_curve(
    counts: NDArray[np.float64] | NDArray[np.int64],
    at: Floats,
    background: float,
    background_error: float = 0.0,
    error: Floats | None = None,
) -> NetCurve:
    """Draw counts over a constant background with a given rate and error, counts/s."""
    curve = LightCurve(
        Instrument.GRM,
        ("GRD01",),
        (15.0, 50.0),
        at[:-1],
        at[1:],
        counts.astype(np.float64),
        np.diff(at),
        error,
    )
    fit = BackgroundFit(
        instrument=Instrument.GRM,
        detector="GRD01",
        intervals_s=np.array([[-100.0, -50.0]]),
        order=0,
        origin_s=0.0,
        unit_s=1.0,
        coefficients=np.array([[background]]),
        covariance=np.array([[[background_error**2]]]),
        statistic=np.zeros(1),
        dof=1,
    )
    return NetCurve(curve, fit)


def _arrivals(
    rate: Callable[[Floats], Floats], start: float, stop: float, rng: np.random.Generator
) -> Floats:
    """Draw the times of a Poisson process from counts in bins of 1 ms."""
    at = edges(start, stop, 0.001)
    counts = rng.poisson(rate(centres(at)) * 0.001)
    return np.sort(np.repeat(at[:-1], counts) + rng.uniform(0.0, 0.001, int(counts.sum())))


def observation(
    soft: Callable[[Floats], Floats], hard: Callable[[Floats], Floats], seed: int = 1
) -> Observation:
    """Draw events of three detectors, -60 to 100 s, with given net rates in 20-50 and 50-300 keV.

    The background is 300 and 400 counts/s in these bands, and 300 counts/s above 300 keV.
    """
    rng = np.random.default_rng(seed)
    channels = Channels(
        np.arange(3), np.array([20.0, 50.0, 300.0]), np.array([50.0, 300.0, 4000.0])
    )
    rates = (
        lambda t: soft(t) + 300.0,
        lambda t: hard(t) + 400.0,
        lambda t: np.full(len(t), 300.0),
    )
    lists = []
    for detector in ("GRD01", "GRD02", "GRD03"):
        times = [_arrivals(rate, -60.0, 100.0, rng) for rate in rates]
        channel = np.repeat(np.arange(3, dtype=np.int16), [len(t) for t in times])
        order = np.argsort(np.concatenate(times), kind="stable")
        lists.append(
            EventList(
                Instrument.GRM,
                detector,
                np.concatenate(times)[order],
                channel[order],
                channels,
                np.array([[-60.0, 100.0]]),
            )
        )
    return Observation(BurstId("sb26011701"), "", 0.0, tuple(lists))

"""Simulated bursts with known truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, EventList, LightCurve, Observation

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pulse:
    """A pulse with a linear rise and an exponential fall."""

    start_s: float = 2.0
    """Start, seconds after t0."""
    rise_s: float = 1.0
    """Length of the linear rise, seconds."""
    fall_s: float = 8.0
    """Time constant of the exponential fall, seconds."""
    counts: float = 20_000.0
    """Total counts."""

    def cumulative(self, time_s: Floats) -> Floats:
        """Return the counts of the pulse up to each time."""
        x = np.maximum(time_s - self.start_s, 0.0)
        rising = 0.5 * np.minimum(x, self.rise_s) ** 2 / self.rise_s
        falling = self.fall_s * (1.0 - np.exp(-np.maximum(x - self.rise_s, 0.0) / self.fall_s))
        return self.counts * (rising + falling) / (0.5 * self.rise_s + self.fall_s)

    def width(self, fraction: float) -> tuple[float, float]:
        """Return start and stop of the time of a central fraction of the counts."""
        time = np.linspace(self.start_s, self.start_s + 40.0 * self.fall_s, 400_001)
        curve = self.cumulative(time) / self.counts
        low, high = np.interp([0.5 - fraction / 2, 0.5 + fraction / 2], curve, time)
        return float(low), float(high)


def light_curve(
    pulse: Pulse, rng: np.random.Generator, *, rate: float = 1000.0, bin_s: float = 0.064
) -> LightCurve:
    """Draw a light curve of a pulse over a drifting background, from -50 to 150 s."""
    edges = np.arange(-50.0, 150.0, bin_s)
    middle = 0.5 * (edges[1:] + edges[:-1])
    expected = np.diff(pulse.cumulative(edges)) + rate * bin_s * (1.0 + 0.1 * middle / 100.0)
    return LightCurve(
        instrument=Instrument.GRM,
        detectors=("GRD01",),
        band_kev=(15.0, 5000.0),
        start_s=edges[:-1],
        stop_s=edges[1:],
        counts=rng.poisson(expected).astype(float),
        exposure_s=np.diff(edges),
    )


def events(
    pulse: Pulse,
    rng: np.random.Generator,
    *,
    detector: str = "GRD01",
    instrument: Instrument = Instrument.GRM,
    rate: float = 800.0,
    gti_s: tuple[tuple[float, float], ...] = ((-50.0, 150.0),),
) -> EventList:
    """Draw events of a pulse over a flat background, in 4 channels of 15 to 5000 keV."""
    low, high = gti_s[0][0], gti_s[-1][1]
    background = rng.uniform(low, high, rng.poisson(rate * (high - low)))
    grid = np.linspace(pulse.start_s, pulse.start_s + 40.0 * pulse.fall_s, 100_001)
    chance = rng.random(rng.poisson(pulse.counts))
    burst = np.interp(chance, pulse.cumulative(grid) / pulse.counts, grid)
    time = np.sort(np.concatenate([background, burst]))
    time = time[np.any([(time >= a) & (time < b) for a, b in gti_s], axis=0)]
    edges = np.array([15.0, 50.0, 150.0, 500.0, 5000.0])
    return EventList(
        instrument=instrument,
        detector=detector,
        time_s=time,
        channel=rng.integers(0, 4, len(time)).astype(np.int16),
        channels=Channels(np.arange(4), edges[:-1], edges[1:]),
        gti_s=np.array(gti_s),
    )


def observation(*lists: EventList, curves: tuple[LightCurve, ...] = ()) -> Observation:
    """Return an observation with the data of a burst."""
    return Observation(
        burst_id=BurstId("sb1"), t0_utc="", t0_met_s=0.0, events=lists, light_curves=curves
    )

"""Draws recorded events through the response: time and channel of each."""

from dataclasses import dataclass
from enum import IntEnum
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.intervals import inside
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats
from testbench.simulate.burst import Burst

from .detectors import Detector
from .pulses import draw_times
from .responses import GRM_GOOD_CHANNELS

__all__ = ["Kind", "Photons", "draw_photons", "generator", "survivors"]

_NOT_GOOD_HZ = 30.0
"""Rate of GRM events that are no photons, per second."""


class Kind(IntEnum):
    """Kind of a GRM event; each kind causes dead time."""

    GOOD = 0
    CALIBRATION = 1
    """EVT_TYPE is not 0."""
    VETOED = 2
    """In coincidence with the shield."""
    OVERFLOW = 3
    """PI of 256 or more."""


@dataclass(frozen=True, slots=True, eq=False)
class Photons:
    """Events of one detector."""

    time_s: Floats
    """Arrival times, sorted, seconds after t0, shape (n,)."""
    channel: NDArray[np.int16]
    """Index of the channel, shape (n,)."""
    kind: NDArray[np.uint8]
    """`Kind` of each event; files hold all kinds, but only `GOOD` ones are photons. Shape (n,)."""

    @property
    def good(self) -> "Photons":
        """Only the good events."""
        return self.only(self.kind == Kind.GOOD)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Photons":
        """Return the events that a mask or an index selects."""
        return Photons(self.time_s[chosen], self.channel[chosen], self.kind[chosen])


def generator(seed: int, burst: Burst, purpose: str) -> np.random.Generator:
    """Return a random generator that depends only on seed, burst and purpose."""
    return np.random.default_rng([seed, crc32(burst.burst_id.encode()), crc32(purpose.encode())])


def draw_photons(burst: Burst, detector: Detector, rng: np.random.Generator) -> Photons:
    """Draw burst and background in good time, then remove what falls into dead time."""
    parts = [_source(burst, detector, rng), _background(burst, detector, rng)]
    if detector.instrument == Instrument.GRM:
        parts.append(_no_photons(burst, rng))
    drawn = Photons(
        np.concatenate([part.time_s for part in parts]),
        np.concatenate([part.channel for part in parts]),
        np.concatenate([part.kind for part in parts]),
    )
    drawn = drawn.only(np.argsort(drawn.time_s, kind="stable"))
    drawn = drawn.only(inside(drawn.time_s, burst.good_s()))
    return drawn.only(survivors(drawn.time_s, detector.dead_time_s))


def survivors(time_s: Floats, dead_time_s: float) -> NDArray[np.bool_]:
    """Return a mask of the sorted events that a non-paralysable detector records.

    An event is lost if it follows the last *recorded* event within the dead time. Runs of close
    events are processed together, one position in the run at a time.
    """
    kept = np.ones(time_s.size, dtype=np.bool_)
    close = np.flatnonzero(np.diff(time_s) < dead_time_s) + 1
    if not close.size:
        return kept
    breaks = np.flatnonzero(np.diff(close) > 1) + 1
    firsts = np.concatenate([[0], breaks])
    lengths = np.diff(np.append(firsts, close.size))
    position = np.arange(close.size) - np.repeat(firsts, lengths)
    recorded = time_s[close[firsts] - 1].copy()
    run = np.repeat(np.arange(firsts.size), lengths)
    for step in range(int(lengths.max())):
        now = position == step
        event, its_run = close[now], run[now]
        lost = time_s[event] - recorded[its_run] < dead_time_s
        kept[event[lost]] = False
        recorded[its_run[~lost]] = time_s[event[~lost]]
    return kept


def _source(burst: Burst, detector: Detector, rng: np.random.Generator) -> Photons:
    if not burst.pulses:
        return _photons(np.empty(0), np.empty(0, dtype=np.int16))
    number = rng.poisson(detector.photon_counts(burst))
    cell = np.repeat(np.arange(number.size), number.ravel())
    photon_bin, channel = np.divmod(cell, number.shape[1])
    energy = detector.energy_kev[photon_bin]
    time = draw_times(rng, burst.pulses, burst.width_index, energy)
    return _photons(time, channel.astype(np.int16))


def _background(burst: Burst, detector: Detector, rng: np.random.Generator) -> Photons:
    start, stop = burst.window_s
    edges = np.linspace(start, stop, int(stop - start) + 2)
    cumulative = np.append(0.0, np.cumsum(detector.background.seconds(edges[:-1], edges[1:])))
    number = rng.poisson(detector.background.per_channel_hz * cumulative[-1])
    time = np.interp(rng.random(number.sum()) * cumulative[-1], cumulative, edges)
    channel = np.repeat(np.arange(number.size, dtype=np.int16), number)
    return _photons(time, channel)


def _no_photons(burst: Burst, rng: np.random.Generator) -> Photons:
    """Draw events that are no photons, at a constant rate."""
    start, stop = burst.window_s
    number = rng.poisson(_NOT_GOOD_HZ * (stop - start))
    kind = rng.integers(Kind.CALIBRATION, Kind.OVERFLOW, size=number, dtype=np.uint8, endpoint=True)
    channel = rng.integers(0, GRM_GOOD_CHANNELS, size=number, dtype=np.int16)
    channel[kind == Kind.OVERFLOW] = GRM_GOOD_CHANNELS + 1
    return Photons(rng.uniform(start, stop, size=number), channel, kind)


def _photons(time_s: Floats, channel: NDArray[np.int16]) -> Photons:
    return Photons(time_s, channel, np.full(time_s.size, Kind.GOOD, dtype=np.uint8))

"""Simulated bursts of a given shape on a given kind of background, with gaps if wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eclgrmd.formats.read.events import select_good_times
from eclgrmd.model.intervals import outside, union
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Floats, Observation

from .temporal import Truth, draw_sharp, draw_truth

__all__ = [
    "BACKGROUNDS",
    "SHAPES",
    "Background",
    "Burst",
    "interpolated",
    "kind_of",
    "observed",
    "simulate",
]

_SHORT_S = 2.0
"""T90, seconds, that separates short from long bursts (Kouveliotou et al. 1993)."""
_BESIDE_S = 100.0
"""Time with data before the burst and after its 95 % of counts, seconds."""
_HIDDEN = 0.3
"""Largest fraction of the burst's counts that gaps hide."""
_BESIDE_GAP = 0.02
"""Smallest fraction of the counts on either side of a gap inside the burst."""
_WHOLE = 0.999
"""Fraction of the counts that has arrived when data on one side end soon after the burst."""


@dataclass(frozen=True)
class Background:
    """Rate of the background: a parabola or a wave around the mean rate."""

    mean: float
    """Mean rate, counts/s: over the data of a parabola, over a period of a wave."""
    low_s: float
    """Start of the data, seconds after t0."""
    high_s: float
    """End of the data, seconds after t0."""
    slope: float = 0.0
    """Linear change from the middle to the end of the data, in units of the mean."""
    bend: float = 0.0
    """Quadratic change, in units of the mean."""
    amplitude: float = 0.0
    """Amplitude of the wave, in units of the mean."""
    period_s: float = 1.0
    """Period of the wave, seconds."""
    phase: float = 0.0
    """Phase of the wave at t0, radians."""

    def rate(self, time_s: Floats) -> Floats:
        """Return the rate at each time, counts/s."""
        x = 2.0 * (time_s - self.low_s) / (self.high_s - self.low_s) - 1.0
        wave = self.amplitude * np.sin(2.0 * np.pi * time_s / self.period_s + self.phase)
        change = self.slope * x + self.bend * (x**2 - 1.0 / 3.0) + wave
        return np.asarray(self.mean * (1.0 + change))

    @property
    def highest(self) -> float:
        """A rate that is nowhere exceeded, counts/s."""
        return self.mean * (1.0 + abs(self.slope) + abs(self.bend) + abs(self.amplitude))

    def draw(self, rng: np.random.Generator) -> Floats:
        """Draw the arrival times of a Poisson process with this rate, unsorted, seconds."""
        highest = self.highest
        time = rng.uniform(
            self.low_s, self.high_s, rng.poisson(highest * (self.high_s - self.low_s))
        )
        return np.asarray(time[rng.uniform(0.0, highest, len(time)) < self.rate(time)])


GoodTimes = Callable[[np.random.Generator, Truth, Background], Floats]
"""Function that draws good times, seconds after t0, shape (k, 2)."""


@dataclass(frozen=True)
class Burst:
    """A simulated burst."""

    truth: Truth
    """The light curve whose widths the analysis should find; gaps in it are interpolated."""
    signal_to_noise: float
    """Counts of the burst over the Poisson error of all counts in its T90."""
    background: Background
    """The background."""
    data: Observation
    """The events."""


def kind_of(seed: int) -> tuple[str, str]:
    """Return shape and kind of background of a seed, so that all pairs are equally frequent."""
    shapes, backgrounds = list(SHAPES), list(BACKGROUNDS)
    return shapes[seed % len(shapes)], backgrounds[seed // len(shapes) % len(backgrounds)]


def simulate(seed: int) -> Burst:
    """Return the burst of a seed, with a signal-to-noise ratio of 8 to 300 (log-uniform)."""
    rng = np.random.default_rng(seed)
    shape, kind = kind_of(seed)
    whole = SHAPES[shape](rng)
    background = _background(rng, _time_of(whole, 0.95), orbital=kind == "orbital")
    return observed(seed, rng, whole, background, BACKGROUNDS[kind])


def observed(
    seed: int,
    rng: np.random.Generator,
    whole: Truth,
    background: Background,
    good_times: GoodTimes,
) -> Burst:
    """Return the events of a light curve over a background, 8 to 300 sigma (log-uniform)."""
    stop = _time_of(whole, 0.95)
    signal_to_noise = float(10 ** rng.uniform(np.log10(8.0), np.log10(300.0)))
    t90 = np.linspace(_time_of(whole, 0.05), stop, 100)
    under = float(background.rate(t90).mean()) * whole.width(0.9)
    squared = signal_to_noise**2
    counts = 0.5 * (squared + np.sqrt(squared**2 + 4.0 * squared * under))
    good_s = good_times(rng, whole, background)
    burst = np.interp(rng.random(rng.poisson(counts)), whole.fraction, whole.time_s)
    time = np.sort(np.concatenate([background.draw(rng), burst[burst < background.high_s]]))
    events = EventList(
        instrument=Instrument.OTHER,
        detector="D",
        time_s=time,
        channel=np.zeros(len(time), dtype=np.int16),
        channels=None,
        gti_s=np.array([[background.low_s, background.high_s]]),
    )
    data = Observation(
        burst_id=BurstId(f"sim{seed}"),
        t0_utc="",
        t0_met_s=0.0,
        events=(select_good_times(events, gti_s=good_s),),
    )
    return Burst(interpolated(whole, good_s), signal_to_noise, background, data)


def _fading(rng: np.random.Generator) -> Truth:
    return _drawn(rng, draw_truth, lambda t: t.pulses == 1 and t.width(0.9) >= _SHORT_S)


def _sharp(rng: np.random.Generator) -> Truth:
    return _drawn(rng, draw_sharp, lambda t: t.width(0.9) >= _SHORT_S)


def _several(rng: np.random.Generator) -> Truth:
    return _drawn(rng, draw_truth, lambda t: t.pulses > 1 and t.width(0.9) >= _SHORT_S)


def _short(rng: np.random.Generator) -> Truth:
    return _drawn(rng, draw_truth, lambda t: t.width(0.9) < _SHORT_S)


def _precursor(rng: np.random.Generator) -> Truth:
    """Draw a pulse with 3 to 30 % of the counts, and 1 to 5 of its lengths later the main one."""
    main = _drawn(rng, draw_truth, lambda t: t.width(0.9) >= _SHORT_S)
    weak = _scaled(_fading(rng), rng.uniform(0.1, 0.5) * main.width(0.9))
    quiet = rng.uniform(1.0, 5.0) * weak.width(0.9)
    later = _time_of(weak, 0.95) + quiet - _time_of(main, 0.05)
    share = 10 ** rng.uniform(np.log10(0.03), np.log10(0.3))
    return _sum([(weak, 0.0, share), (main, later, 1.0 - share)])


def _extended(rng: np.random.Generator) -> Truth:
    """Draw a short spike, and up to 5 s later emission of 10 to 100 s with 10 to 60 % of counts."""
    spike = _short(rng)
    tail = _drawn(rng, draw_truth, lambda t: t.width(0.9) >= _SHORT_S)
    tail = _scaled(tail, 10 ** rng.uniform(1.0, 2.0))
    later = _time_of(spike, 0.95) + rng.uniform(0.0, 5.0) - _time_of(tail, 0.05)
    share = rng.uniform(0.1, 0.6)
    return _sum([(spike, 0.0, 1.0 - share), (tail, max(later, 0.0), share)])


SHAPES: dict[str, Callable[[np.random.Generator], Truth]] = {
    "fading pulse": _fading,
    "sharp end": _sharp,
    "several pulses": _several,
    "precursor": _precursor,
    "extended": _extended,
    "short": _short,
}
"""Function that draws a burst, by the name of its shape."""


def _all(rng: np.random.Generator, truth: Truth, background: Background) -> Floats:
    return np.array([[background.low_s, background.high_s]])


def _one_side(rng: np.random.Generator, truth: Truth, background: Background) -> Floats:
    """Return good times that begin at most 1 s before the burst, or end at most 1 s after it."""
    margin = rng.uniform(0.0, 1.0)
    if rng.random() < 0.5:
        return np.array([[-margin, background.high_s]])
    return np.array([[background.low_s, _time_of(truth, _WHOLE) + margin]])


def _with_gaps(rng: np.random.Generator, truth: Truth, background: Background) -> Floats:
    """Return good times with 1 to 3 gaps of 5 to 60 s in or near the burst."""
    low, high = background.low_s + 5.0, _time_of(truth, 0.95) + 60.0
    while True:
        length = 10 ** rng.uniform(np.log10(5.0), np.log10(60.0), rng.integers(1, 4))
        start = rng.uniform(low, high - 5.0, len(length))
        gaps = union(np.column_stack([start, np.minimum(start + length, high)]))
        hidden = np.interp(gaps, truth.time_s, truth.fraction)
        if np.diff(hidden, axis=1).sum() <= _HIDDEN:
            return outside(gaps, background.low_s, background.high_s)


BACKGROUNDS: dict[str, GoodTimes] = {
    "flat": _all,
    "orbital": _all,
    "one-sided": _one_side,
    "gaps": _with_gaps,
}
"""Function that draws the good times, by the kind of background."""


def _background(rng: np.random.Generator, stop_s: float, *, orbital: bool) -> Background:
    mean = float(10 ** rng.uniform(2.3, 3.2))
    if orbital:
        return Background(
            mean=mean,
            low_s=-500.0,
            high_s=1000.0,
            amplitude=rng.uniform(0.1, 0.4),
            period_s=rng.uniform(5000.0, 6000.0),
            phase=rng.uniform(0.0, 2.0 * np.pi),
        )
    return Background(
        mean=mean,
        low_s=-_BESIDE_S,
        high_s=max(200.0, stop_s + _BESIDE_S),
        slope=rng.uniform(-0.15, 0.15),
        bend=rng.uniform(-0.1, 0.1),
    )


def _drawn(
    rng: np.random.Generator,
    draw: Callable[[np.random.Generator], Truth],
    wanted: Callable[[Truth], bool],
) -> Truth:
    while not wanted(truth := draw(rng)):
        pass
    return truth


def _time_of(truth: Truth, fraction: float) -> float:
    return float(np.interp(fraction, truth.fraction, truth.time_s))


def _scaled(truth: Truth, t90_s: float) -> Truth:
    return replace(truth, time_s=truth.time_s * t90_s / truth.width(0.9))


def _sum(parts: Sequence[tuple[Truth, float, float]]) -> Truth:
    """Return the sum of light curves, each with the time it is shifted by and its share."""
    time = np.unique(np.concatenate([truth.time_s + shift for truth, shift, _ in parts]))
    fraction = sum(
        share * np.interp(time - shift, truth.time_s, truth.fraction)
        for truth, shift, share in parts
    )
    return Truth(time, np.asarray(fraction), sum(truth.pulses for truth, _, _ in parts))


def interpolated(truth: Truth, good_s: Floats) -> Truth:
    """Return a light curve that has the mean of the adjacent rates in each gap inside the burst.

    A gap between good times is inside if at least 2 % of the counts lie on either side of it. Other
    emission outside good times is kept: there, the analysis extrapolates the tail.
    """
    gaps = np.column_stack([good_s[:-1, 1], good_s[1:, 0]])
    arrived = np.interp(gaps, truth.time_s, truth.fraction)
    gaps = gaps[(arrived[:, 0] >= _BESIDE_GAP) & (arrived[:, 1] <= 1.0 - _BESIDE_GAP)]
    time = np.unique(np.concatenate([truth.time_s, gaps.ravel()]))
    counts = np.diff(np.interp(time, truth.time_s, truth.fraction))
    rate = counts / np.diff(time)
    for start, stop in np.searchsorted(time, gaps):
        before = rate[start - 1] if start > 0 else 0.0
        after = rate[stop] if stop < len(rate) else 0.0
        rate[start:stop] = 0.5 * (before + after)
    curve = np.concatenate([[0.0], np.cumsum(rate * np.diff(time))])
    return Truth(time, curve / curve[-1], truth.pulses)

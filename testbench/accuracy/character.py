"""Coverage study of peak rates, hardness, lag, variability and count fluence.

Simulates bursts of one to four Norris pulses whose soft photons come later by a known lag, as
events of a GRM-like detector, measures them like any other data, and counts how often the intervals
include the truth. Every burst has its own seed and its line in the output file, so that an
interrupted study can be resumed.

Usage: testbench/accuracy/character [--bursts N] [--first SEED] [--output FILE] [--table]
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.character import describe
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, EventList, Observation
from eclgrmd.model.result import Character
from testbench.checkout import CHECKOUT

from .study import Record, run_study

Floats = NDArray[np.float64]

_CONFIGURATION = TaskConfiguration(duration=DurationChoice(bootstrap=200))
"""Few replicas, so that a study of 1,000 bursts stays short."""
_CHANNELS = Channels(np.arange(2), np.array([15.0, 50.0]), np.array([50.0, 300.0]))
"""Two channels, 15-50 and 50-300 keV."""
_LOW_S, _HIGH_S, _STEP_S = -60.0, 160.0, 1e-3
"""Start, stop and step of the grid of true rates, seconds after t0."""
_PARTS = ((0.0, np.inf), (0.0, 20.0), (20.0, 40.0), (40.0, np.inf))
"""Ranges of significance in the table, sigma."""
_NAMES = ("peak 64 ms", "peak 256 ms", "peak 1 s", "hardness", "lag", "variability", "net counts")


@dataclass(frozen=True)
class Truth:
    """True net rates of a burst on a grid of 1 ms."""

    time_s: Floats
    """Grid, seconds after t0, shape (n,)."""
    soft: Floats
    """Rate in the soft band, counts/s, shape (n,)."""
    hard: Floats
    """Rate in the hard band, counts/s, shape (n,)."""
    lag_s: float
    """Delay of the soft band, seconds."""

    @property
    def net(self) -> Floats:
        """Rate in both bands, counts/s, shape (n,)."""
        return self.soft + self.hard

    def peak(self, scale_s: float) -> float:
        """Return the highest mean rate in a window of this width, counts/s."""
        steps = round(scale_s / _STEP_S)
        curve = np.concatenate([[0.0], np.cumsum(self.net)])
        return float(np.max(curve[steps:] - curve[:-steps]) / steps)

    def hardness(self, start_s: float, stop_s: float) -> float:
        """Return the counts in the hard band over those in the soft band."""
        inside = (self.time_s >= start_s) & (self.time_s < stop_s)
        return float(self.hard[inside].sum() / self.soft[inside].sum())

    def variability_s(self) -> float:
        """Return the scale at which the squared, noise-free Haar function is half its rise, s."""
        curve = np.concatenate([[0.0], np.cumsum(self.net)])
        widths = np.unique(np.geomspace(8, 8192, 81).astype(int))
        squares = []
        for width in widths:
            means = (curve[width:] - curve[:-width]) / width
            squares.append(float(np.mean(np.square(means[width:] - means[:-width]))))
        flat = np.array(squares) / widths**2
        half = int(np.argmax(flat < 0.5 * flat[0]))
        return float(widths[half] * _STEP_S)


def draw_truth(rng: np.random.Generator) -> Truth:
    """Draw pulses, brightness, hardness and lag."""
    time = np.arange(_LOW_S, _HIGH_S, _STEP_S)
    length = 10 ** rng.uniform(-0.3, 1.3)
    lag = length * rng.uniform(0.0, 0.05)
    soft, hard = np.zeros_like(time), np.zeros_like(time)
    for _ in range(int(rng.integers(1, 5))):
        start, fall = rng.uniform(0.0, length), length * 10 ** rng.uniform(-1.0, -0.4)
        rise, height = fall * 10 ** rng.uniform(-1.5, 0.0), rng.lognormal(0.0, 0.6)
        hard += height * _pulse(time - start, rise, fall)
        soft += height * _pulse(time - start - lag, rise, fall)
    counts = 10 ** rng.uniform(2.8, 4.3)
    scale = counts / ((soft + hard).sum() * _STEP_S)
    share = rng.uniform(0.3, 0.7)
    return Truth(time, 2.0 * (1.0 - share) * scale * soft, 2.0 * share * scale * hard, lag)


def _pulse(since_s: Floats, rise_s: float, fall_s: float) -> Floats:
    """Return a pulse of Norris et al. 2005 (ApJ 627, 324) of height 1."""
    since = np.maximum(since_s, 1e-9)
    shape = np.exp(2.0 * np.sqrt(rise_s / fall_s) - rise_s / since - since / fall_s)
    return np.where(since_s > 0.0, shape, 0.0)


def simulate(seed: int) -> tuple[Truth, Observation]:
    """Draw a burst and its events over a background of 300 to 1500 counts/s."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    background = 10 ** rng.uniform(2.5, 3.2)
    times, channels = [], []
    for channel, (rate, share) in enumerate(((truth.soft, 0.4), (truth.hard, 0.6))):
        counts = rng.poisson((rate + share * background) * _STEP_S)
        time = np.repeat(truth.time_s, counts) + rng.uniform(0.0, _STEP_S, int(counts.sum()))
        times.append(time)
        channels.append(np.full(len(time), channel, dtype=np.int16))
    time = np.concatenate(times)
    order = np.argsort(time)
    events = EventList(
        instrument=Instrument.GRM,
        detector="GRD01",
        time_s=time[order],
        channel=np.concatenate(channels)[order],
        channels=_CHANNELS,
        gti_s=np.array([[_LOW_S, _HIGH_S]]),
    )
    data = Observation(burst_id=BurstId(f"sim{seed}"), t0_utc="", t0_met_s=0.0, events=(events,))
    return truth, data


def measure_one(seed: int) -> Record:
    """Simulate and measure one burst; return value, errors and truth of each quantity."""
    truth, data = simulate(seed)
    duration = measure(data, _CONFIGURATION).durations[0]
    record: Record = {"seed": seed, "significance": duration.significance}
    found = describe(data, duration, _CONFIGURATION)
    if found is None or duration.t100_s is None:
        return record
    for name, (estimate, true) in _compared(found, truth, duration.t100_s).items():
        if estimate.value is not None:
            record |= {
                f"{name}": estimate.value,
                f"{name} minus": estimate.err_minus,
                f"{name} plus": estimate.err_plus,
                f"{name} true": true,
            }
    variability = found.variability
    if variability is not None and variability.upper_limit_s is not None:
        record |= {"limit": variability.upper_limit_s, "limit true": truth.variability_s()}
    return record


def _compared(
    found: Character, truth: Truth, t100_s: tuple[float, float]
) -> dict[str, tuple[Measurement, float]]:
    """Pair estimates with the truth; peak rates are corrected for the bias that they state."""
    pairs: dict[str, tuple[Measurement, float]] = {}
    for name, peak in zip(_NAMES, found.peak_rates, strict=False):
        rate, bias = peak.rate_counts_per_s, peak.bias_counts_per_s or 0.0
        if rate.value is not None:
            own = Measurement(rate.value - bias, rate.err_minus, rate.err_plus)
            pairs[name] = (own, truth.peak(peak.scale_s))
    if found.hardness is not None:
        pairs["hardness"] = (found.hardness.ratio, truth.hardness(*t100_s))
    if found.lag is not None:
        pairs["lag"] = (found.lag.lag_s, truth.lag_s)
    if found.variability is not None:
        pairs["variability"] = (found.variability.scale_s, truth.variability_s())
    pairs["net counts"] = (found.count_fluence, float(truth.net.sum() * _STEP_S))
    return pairs


def table(records: list[Record]) -> str:
    """Format coverage, bias and size of the errors of each quantity."""
    found = [r for r in records if len(r) > 2]
    lines = [f"{len(records)} bursts, {len(records) - len(found)} without a significant excess"]
    for low, high in _PARTS:
        part = [r for r in found if low <= (r["significance"] or 0.0) < high]
        if part:
            lines.append(
                f"{f'{low:g} to {high:g} sigma':16}{'n':>6}{'68 %':>8}{'bias':>8}{'error':>8}"
                f"{'ratio':>8}"
            )
            lines += [_row(name, [r for r in part if name in r]) for name in _NAMES]
    limits = [r for r in found if "limit" in r]
    if limits:
        held = np.mean([(r["limit"] or 0.0) >= (r["limit true"] or 0.0) for r in limits])
        lines.append(f"{'variability <':16}{len(limits):6}{held:8.3f}")
    lines += [
        (
            "68 %: how often the interval holds the truth (a limit: how often it lies above);\n"
            "bias: median of (found - true) / error; error: median 1-sigma error over the truth, "
            "of lags in ms;\nratio: median of found / true"
        ),
    ]
    return "\n".join(lines)


def _row(name: str, records: list[Record]) -> str:
    keys = (name, f"{name} minus", f"{name} plus", f"{name} true")
    if not records:
        return f"{name:16}{0:6}"
    value, minus, plus, true = (np.array([r[k] for r in records], dtype=float) for k in keys)
    error = np.maximum(0.5 * (minus + plus), 1e-12)
    held = np.mean((true >= value - minus) & (true <= value + plus))
    size = 1e3 * np.median(error) if name == "lag" else np.median(error / true)
    bias, ratio = np.median((value - true) / error), np.median(value / true)
    return f"{name:16}{len(records):6}{held:8.3f}{bias:+8.2f}{size:8.3f}{ratio:8.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, or only print the table of the existing records."""
    output = CHECKOUT / "build" / "character-coverage.jsonl"
    run_study("accuracy/character", __doc__, output, 1000, measure_one, table, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())

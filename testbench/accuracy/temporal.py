"""Coverage study: how often the errors of T90 and T50 include the truth.

Simulates bursts of mixed shape, length and brightness over drifting backgrounds as event lists,
measures them like any other data, and counts how often the truth lies inside the errors. Every
burst has its own seed and its line in the output file, so that an interrupted study can be resumed.

Usage: testbench/accuracy/temporal [--bursts N] [--first SEED] [--output FILE] [--table]
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.analysis.temporal.width.calibration import undetected_after
from eclgrmd.analysis.temporal.width.widths import end_flatness
from eclgrmd.formats.read.events import select_good_times
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Observation
from eclgrmd.model.result import Width
from testbench.checkout import CHECKOUT

from .study import Record, run_study

Floats = NDArray[np.float64]

_REPLICAS = 200
"""Bootstrap replicas per burst."""
_SHARP_EVERY = 6
"""Every so many seeds the burst ends sharply."""


@dataclass(frozen=True)
class Truth:
    """A burst's true cumulative light curve, from 0 to 1."""

    time_s: Floats
    """Grid, seconds after t0, shape (n,)."""
    fraction: Floats
    """Part of the counts that has arrived, from 0 to 1, shape (n,)."""
    pulses: int
    """Number of pulses; 0: the burst ends sharply."""

    def width(self, fraction: float) -> float:
        """Return the time in which the central fraction of the counts arrives, seconds."""
        low, high = np.interp([0.5 - fraction / 2, 0.5 + fraction / 2], self.fraction, self.time_s)
        return float(high - low)


def draw_truth(rng: np.random.Generator) -> Truth:
    """Draw 1 to 7 Norris et al. 2005 pulses; 30 % of the bursts are short."""
    short = rng.random() < 0.3
    length = 10 ** (rng.uniform(-1.0, 0.3) if short else rng.uniform(0.3, 1.8))
    pulses = 1 if rng.random() < 0.5 else int(rng.integers(2, 8))
    time = np.arange(-0.2 * length, 12.0 * length, length / 2000.0)
    rate = np.zeros_like(time)
    for k in range(pulses):
        start = 0.0 if k == 0 else rng.uniform(0.0, length)
        fall = length * (0.35 if pulses == 1 else 10 ** rng.uniform(-1.2, -0.3))
        rise = fall * 10 ** rng.uniform(-2.0, 0.3)
        x = np.maximum(time - start, 1e-12)
        shape = np.where(time > start, np.exp(-rise / x - x / fall), 0.0)
        rate += shape / shape.max() * rng.lognormal(0.0, 0.7)
    return _truth(time, rate, pulses)


def draw_sharp(rng: np.random.Generator) -> Truth:
    """Draw a plateau, a cut Norris et al. 2005 pulse or triangles; 30 % of the bursts are short."""
    short = rng.random() < 0.3
    length = 10 ** (rng.uniform(-1.0, 0.3) if short else rng.uniform(0.3, 1.8))
    time = np.arange(-0.2 * length, 2.0 * length, length / 2000.0)
    inside = (time >= 0.0) & (time <= length)
    shape = rng.integers(3)
    if shape == 0:
        rise, fall, softening = rng.uniform(0.0, [0.3, 0.3, 0.8])
        x = time / length
        flank = np.minimum(x / max(rise, 1e-3), (1.0 - x) / max(fall, 1e-3))
        rate = np.clip(flank, 0.0, 1.0) * (1.0 - softening * x)
    elif shape == 1:
        fall = length * rng.uniform(0.5, 2.0)
        rise = fall * 10 ** rng.uniform(-2.0, 0.3)
        x = np.maximum(time, 1e-12)
        rate = np.where(inside, np.exp(-rise / x - x / fall), 0.0)
    else:
        rate = np.zeros_like(time)
        for _ in range(rng.integers(2, 6)):
            low, peak, high = np.sort(rng.uniform(0.0, length, 3))
            height = rng.lognormal(0.0, 0.7)
            rate += np.interp(time, [low, peak, high], [0.0, height, 0.0], left=0.0, right=0.0)
    return _truth(time, rate, 0)


def _truth(time: Floats, rate: Floats, pulses: int) -> Truth:
    curve = np.concatenate([[0.0], np.cumsum(rate)[:-1]])
    return Truth(time, curve / curve[-1], pulses)


def simulate(seed: int) -> tuple[Truth, float, Observation]:
    """Return truth, counts and events of a burst over a background that drifts by up to 25 %.

    Every sixth burst ends sharply.
    """
    rng = np.random.default_rng(seed)
    truth = draw_sharp(rng) if seed % _SHARP_EVERY == _SHARP_EVERY - 1 else draw_truth(rng)
    rate = 10 ** rng.uniform(2.3, 3.2)
    signal_to_noise = 10 ** rng.uniform(0.9, 2.5)
    under = rate * truth.width(0.9)
    squared = signal_to_noise**2
    counts = 0.5 * (squared + np.sqrt(squared**2 + 4.0 * squared * under))
    low, high = -60.0, max(200.0, float(np.interp(0.95, truth.fraction, truth.time_s)) + 80.0)
    slope, bend = rng.uniform(-0.15, 0.15), rng.uniform(-0.1, 0.1)
    x = rng.uniform(-1.0, 1.0, rng.poisson(1.3 * rate * (high - low)))
    kept = x[rng.uniform(0.0, 1.3, len(x)) < 1.0 + slope * x + bend * x**2]
    background = low + 0.5 * (kept + 1.0) * (high - low)
    burst = np.interp(rng.random(rng.poisson(counts)), truth.fraction, truth.time_s)
    time = np.sort(np.concatenate([background, burst[burst < high]]))
    events = EventList(
        instrument=Instrument.OTHER,
        detector="D",
        time_s=time,
        channel=np.zeros(len(time), dtype=np.int16),
        channels=None,
        gti_s=np.array([[low, high]]),
    )
    data = Observation(
        burst_id=BurstId(f"sim{seed}"), t0_utc="", t0_met_s=0.0, events=(select_good_times(events),)
    )
    return truth, counts, data


def measure_one(seed: int, *, resegment: bool = False, replicas: int = _REPLICAS) -> Record:
    """Simulate and measure one burst."""
    truth, counts, data = simulate(seed)
    choice = DurationChoice(bootstrap=replicas, resegment=resegment, character=False)
    found = measure(data, TaskConfiguration(duration=choice)).durations[0]
    record: Record = {
        "seed": seed,
        "pulses": truth.pulses,
        "counts": round(float(counts), 1),
        "significance": found.significance,
        "flags": float(len(found.flags)),
    }
    for name, width, fraction in (("t90", found.t90, 0.9), ("t50", found.t50, 0.5)):
        record |= width_record(name, width, truth.width(fraction))
    return record | _undetected_record(found, resegment=resegment)


def _undetected_record(found: DurationMeasurement, *, resegment: bool) -> Record:
    """Return flatness at the end and the effects of undetected emission, for `undetected`."""
    if found.cumulative is None:
        return {}
    effects = undetected_after(found.significance, found.last, searched=resegment)
    flatness = end_flatness(found.cumulative.time_s, found.cumulative.counts)
    record: Record = {}
    for name, each, flat in zip(("t90", "t50"), effects, flatness, strict=True):
        applied = each.at_flatness(flat)._asdict()
        record |= {f"{name}_flatness": flat}
        record |= {f"{name}_applied_{effect}": value for effect, value in applied.items()}
    return record


def width_record(name: str, width: Width, true_s: float) -> Record:
    """Return the fields of a record for one width, seconds; they begin with its name."""
    low, high = width.interval95_s or (None, None)
    return {
        f"{name}_true": true_s,
        f"{name}": width.value_s,
        f"{name}_minus": width.err_minus_s,
        f"{name}_plus": width.err_plus_s,
        f"{name}_low": low,
        f"{name}_high": high,
    }


def table(records: list[Record]) -> str:
    """Format coverage, bias and size of the errors by significance and by kind of burst."""
    found = [r for r in records if r["t90"] is not None]
    value = {k: np.array([r[k] for r in found], dtype=float) for k in found[0]}
    sigma, pulses = value["significance"], value["pulses"]
    classes = {
        "all": np.ones(len(found), dtype=bool),
        "below 10 sigma": sigma < 10,
        "10 to 20 sigma": (sigma >= 10) & (sigma < 20),
        "20 to 40 sigma": (sigma >= 20) & (sigma < 40),
        "40 to 100 sigma": (sigma >= 40) & (sigma < 100),
        "above 100 sigma": sigma >= 100,
        "above 40, one pulse": (sigma >= 40) & (pulses == 1),
        "above 40, several": (sigma >= 40) & (pulses > 1),
        "above 40, sharp end": (sigma >= 40) & (pulses == 0),
        "above 40, below 2 s": (sigma >= 40) & (value["t90_true"] < 2),
        "20 to 40, sharp end": (sigma >= 20) & (sigma < 40) & (pulses == 0),
        "all but sharp ends": pulses > 0,
    }
    lines = [
        f"{len(records)} bursts, {len(records) - len(found)} without a significant excess",
        f"{'':22}{'':5}{'n':>6}{'68 %':>8}{'95 %':>8}{'bias':>8}{'ratio':>8}{'error':>8}",
    ]
    for label, chosen in classes.items():
        lines += [_row(label, name, value, chosen) for name in ("t90", "t50") if chosen.any()]
    lines.append(
        "68 %, 95 %: how often the intervals hold the truth; bias: median of (found - true) / "
        "error;\nratio: median of found / true; error: median relative 1-sigma error"
    )
    return "\n".join(lines)


def _row(label: str, name: str, value: dict[str, Floats], chosen: NDArray[np.bool_]) -> str:
    part = {k: v[chosen] for k, v in value.items()}
    true, found = part[f"{name}_true"], part[name]
    minus, plus = part[f"{name}_minus"], part[f"{name}_plus"]
    one = np.mean((true >= found - minus) & (true <= found + plus))
    two = np.mean((true >= part[f"{name}_low"]) & (true <= part[f"{name}_high"]))
    error = np.maximum(0.5 * (minus + plus), 1e-9)
    bias, ratio = np.median((found - true) / error), np.median(found / true)
    size = np.median(error / true)
    return f"{label:22}{name:5}{len(true):6}{one:8.3f}{two:8.3f}{bias:+8.2f}{ratio:8.3f}{size:8.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, or only print the table of the existing records."""
    output = CHECKOUT / "build" / "temporal-coverage.jsonl"
    run_study("accuracy/temporal", __doc__, output, 2000, measure_one, table, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())

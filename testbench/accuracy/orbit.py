"""Coverage study of T90 over the background of a satellite in orbit, with and without its orbit.

Simulates bursts of each shape over a background that the Earth in ECLAIRs' field of view and the
geomagnetic field modulate, whole and on one side of the burst. Each one is measured with the files
of the orbit used (templates) and not used. The truth is made by other formulas than the templates:
see `testbench.simulate.physics.satellite`.

Usage: testbench/accuracy/orbit [--bursts N] [--first SEED] [--output FILE] [--table]
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from eclgrmd.analysis.burst import measure
from eclgrmd.model.configuration.sections import (
    BackgroundChoice,
    DurationChoice,
    TaskConfiguration,
)
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Floats, Observation
from testbench.checkout import CHECKOUT

from .orbit_background import OrbitalRate, observed_orbit
from .shape_bursts import BACKGROUNDS, SHAPES, Background, Burst, observed
from .study import Record, run_study
from .temporal import width_record

__all__ = ["main", "measure_one", "simulate", "table"]

_REPLICAS = 200
"""Bootstrap replicas per burst."""
_KINDS = ("flat", "one-sided")
"""Kinds of good times of `shape_bursts`: all of them, or those on one side of the burst."""
_CHOICES: tuple[Literal["none", "automatic"], ...] = ("none", "automatic")
"""Values of `background.templates` that are compared."""
_BRIGHT = 20.0
"""Signal-to-noise ratio from which the errors should hold."""


@dataclass(frozen=True)
class OrbitalBackground(Background):
    """A background that the Earth covers in part and the cutoff modulates."""

    orbital: OrbitalRate = field(kw_only=True)
    """Its rate."""

    def rate(self, time_s: Floats) -> Floats:
        """Return the rate at each time, counts/s."""
        return self.orbital.at(time_s)

    @property
    def highest(self) -> float:
        """A rate that is nowhere exceeded, counts/s."""
        return float(self.orbital.rate.max())


def kind_of(seed: int) -> tuple[str, str]:
    """Return shape and kind of good times of a seed."""
    shapes = list(SHAPES)
    return shapes[seed % len(shapes)], _KINDS[seed // len(shapes) % len(_KINDS)]


def simulate(seed: int) -> tuple[Burst, Observation]:
    """Return the burst of a seed, and its data with attitude and orbit."""
    rng = np.random.default_rng(seed)
    shape, kind = kind_of(seed)
    whole = SHAPES[shape](rng)
    orbital = OrbitalRate(rng)
    background = OrbitalBackground(mean=orbital.mean, low_s=-500.0, high_s=1000.0, orbital=orbital)
    burst = observed(seed, rng, whole, background, BACKGROUNDS[kind])
    channels = Channels(np.array([0]), np.array([4.0]), np.array([120.0]))
    events = replace(
        burst.data.events[0], instrument=Instrument.ECLAIRS, detector="ECL", channels=channels
    )
    data = replace(observed_orbit(orbital), burst_id=burst.data.burst_id, events=(events,))
    return burst, data


def measure_one(seed: int, *, replicas: int = _REPLICAS) -> Record:
    """Simulate a burst and measure it with and without templates."""
    burst, data = simulate(seed)
    duration = DurationChoice(bootstrap=replicas, character=False, photon_fluence=False)
    record: Record = {"seed": seed, "signal_to_noise": burst.signal_to_noise}
    for templates in _CHOICES:
        choice = BackgroundChoice(templates=templates)
        found = measure(data, TaskConfiguration(background=choice, duration=duration)).durations[0]
        measured = width_record(f"{templates}_t90", found.t90, burst.truth.width(0.9))
        poor = any(flag.code is FlagCode.POOR_BACKGROUND for flag in found.flags)
        record |= measured | {f"{templates}_poor": float(poor)}
        used: object = found.background.get("templates", [])
        if isinstance(used, list) and used:
            record[f"{templates}_chance"] = max(float(each["chance"]) for each in used)
    return record


def table(records: list[Record]) -> str:
    """Format the coverage with and without templates."""
    lines = [f"{len(records)} bursts, those from a signal-to-noise ratio of {_BRIGHT:g}", _HEAD]
    bright = [r for r in records if (r["signal_to_noise"] or 0.0) >= _BRIGHT]
    both = [r for r in bright if all(r[f"{name}_t90"] is not None for name in _CHOICES)]
    for kind in (*_KINDS, "all"):
        part = [r for r in both if kind in {"all", kind_of(int(r["seed"] or 0))[1]}]
        lines += [_row(kind, name, part) for name in _CHOICES if part]
    for name in _CHOICES:
        lost = sum(r[f"{name}_t90"] is None for r in bright)
        lines.append(f"{name}: no significant excess in {lost} of {len(bright)}")
    return "\n".join([*lines, "", _LEGEND])


_HEAD = (
    f"{'data':12}{'templates':12}{'n':>5}{'68 %':>7}{'95 %':>7}{'bias':>7}{'ratio':>8}"
    f"{'error':>8}{'wrong':>7}{'poor':>6}"
)
_LEGEND = (
    "68 %, 95 %: how often the intervals hold the true T90; bias: median of (found - true) /\n"
    "error; ratio: median of found / true; error: median of the mean error / true; wrong: part\n"
    "beyond 3 errors and 10 %; poor: part with the flag that the background fit is poor."
)


def _row(kind: str, name: str, records: list[Record]) -> str:
    keys = ("_true", "", "_minus", "_plus", "_low", "_high")
    true, value, minus, plus, low, high = np.array(
        [[r[f"{name}_t90{key}"] for key in keys] for r in records], dtype=float
    ).T
    one = np.mean((true >= value - minus) & (true <= value + plus))
    two = np.mean((true >= low) & (true <= high))
    error = np.maximum(np.where(value > true, minus, plus), 1e-9)
    bias, ratio = np.median((value - true) / error), np.median(value / true)
    size = np.median(0.5 * (minus + plus) / true)
    wrong = np.mean((np.abs(value - true) > 3.0 * error) & (np.abs(value / true - 1.0) > 0.1))
    poor = np.mean([r[f"{name}_poor"] or 0.0 for r in records])
    return (
        f"{kind:12}{name:12}{len(records):5}{one:7.2f}{two:7.2f}{bias:+7.2f}{ratio:8.3f}"
        f"{size:8.3f}{wrong:7.3f}{poor:6.2f}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, or only print the table of the existing records."""
    about = (__doc__ or "").splitlines()[0]
    output = CHECKOUT / "build" / "orbit-coverage.jsonl"
    run_study("accuracy/orbit", about, output, 1200, measure_one, table, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())

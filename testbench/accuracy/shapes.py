"""Coverage study of T90 and T50 by shape of the burst and kind of background.

Simulates fading pulses, sharp ends, several pulses, precursors, extended emission and short bursts,
each over drifting, orbital, one-sided and gappy background, and counts how often the truth lies
inside the errors. Every burst has its own seed, so that an interrupted study can be resumed.

Usage: testbench/accuracy/shapes [--bursts N] [--first SEED] [--output FILE] [--table]
"""

import sys
from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.burst import measure
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import TRUNCATED, FlagCode
from testbench.checkout import CHECKOUT

from .shape_bursts import BACKGROUNDS, SHAPES, kind_of, simulate
from .study import Record, run_study
from .temporal import width_record

_REPLICAS = 200
"""Bootstrap replicas per burst."""
_DOUBTS = TRUNCATED | {
    FlagCode.GAP,
    FlagCode.LOWER_LIMITS,
    FlagCode.POOR_BACKGROUND,
    FlagCode.SHORT_BACKGROUND,
    FlagCode.ONE_SIDED_BACKGROUND,
    FlagCode.FAINT,
    FlagCode.SLOW_EMISSION,
    FlagCode.WEAK_ENDS,
}
"""Flags that say that a duration is in doubt; others describe the burst."""
_BRIGHT = 20.0
"""Signal-to-noise ratio from which the errors should hold."""
_RANGES = ((0.0, 20.0), (20.0, 40.0), (40.0, 100.0), (100.0, np.inf))
"""Ranges of the signal-to-noise ratio."""


def measure_one(seed: int, *, replicas: int = _REPLICAS) -> Record:
    """Simulate and measure one burst; shape and background follow from the seed."""
    burst = simulate(seed)
    choice = DurationChoice(bootstrap=replicas, character=False, photon_fluence=False)
    found = measure(burst.data, TaskConfiguration(duration=choice)).durations[0]
    record: Record = {
        "seed": seed,
        "signal_to_noise": burst.signal_to_noise,
        "significance": found.significance,
        "flagged": float(any(flag.code in _DOUBTS for flag in found.flags)),
    }
    for name, width, fraction in (("t90", found.t90, 0.9), ("t50", found.t50, 0.5)):
        record |= width_record(name, width, burst.truth.width(fraction))
    return record


def table(records: list[Record]) -> str:
    """Format the coverage by shape and background, and by shape and brightness."""
    found = [r for r in records if r["t90"] is not None]
    lines = [f"{len(records)} bursts, {len(records) - len(found)} without a significant excess"]
    lines += ["", f"signal-to-noise ratio in T90 from {_BRIGHT:g}", _HEAD]
    bright = [r for r in found if _between(r, _BRIGHT, np.inf)]
    for shape in SHAPES:
        for background in BACKGROUNDS:
            lines += _row(shape, background, [r for r in bright if _kind(r) == (shape, background)])
    for shape in SHAPES:
        lines += _row(shape, "all", [r for r in bright if _kind(r)[0] == shape])
    for background in BACKGROUNDS:
        lines += _row("all", background, [r for r in bright if _kind(r)[1] == background])
    lines += _row("all", "all", bright)
    lines += ["", "flat background, by signal-to-noise ratio in T90", _HEAD]
    for shape in SHAPES:
        for low, high in _RANGES:
            label = f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}"
            part = [r for r in found if _kind(r) == (shape, "flat")]
            lines += _row(shape, label, [r for r in part if _between(r, low, high)])
    lines += ["", _LEGEND]
    return "\n".join(lines)


_HEAD = (
    f"{'':16}{'':12}{'':>5}{'T90':>7}{'':7}{'':7}{'':8}{'T50':>7}{'':7}{'':7}{'':8}\n"
    f"{'shape':16}{'background':12}{'n':>5}"
    + 2 * f"{'68 %':>7}{'95 %':>7}{'bias':>7}{'ratio':>8}"
    + f"{'flagged':>9}"
)
_LEGEND = (
    "68 %, 95 %: how often the intervals hold the truth; bias: median of (found - true) / error;\n"
    "ratio: median of found / true; flagged: part with a flag that puts the duration in doubt.\n"
    "The standard deviation of a part of n is 0.47 / sqrt(n) for 68 %, 0.22 / sqrt(n) for 95 %."
)


def _kind(record: Record) -> tuple[str, str]:
    return kind_of(int(record["seed"] or 0))


def _between(record: Record, low: float, high: float) -> bool:
    """Return whether the true signal-to-noise ratio lies in a range.

    The significance that the analysis finds is no measure: a spike of 40 sigma is found without
    its extended emission if the ratio of the whole burst is 10.
    """
    return low <= (record["signal_to_noise"] or 0.0) < high


def _row(shape: str, label: str, records: list[Record]) -> list[str]:
    """Return one line, or none without records."""
    if not records:
        return []
    flagged = np.mean([r["flagged"] or 0.0 for r in records])
    columns = _columns("t90", records) + _columns("t50", records)
    return [f"{shape:16}{label:12}{len(records):5}{columns}{flagged:9.2f}"]


def _columns(name: str, records: list[Record]) -> str:
    keys = ("_true", "", "_minus", "_plus", "_low", "_high")
    true, value, minus, plus, low, high = np.array(
        [[r[name + key] for key in keys] for r in records], dtype=float
    ).T
    one = np.mean((true >= value - minus) & (true <= value + plus))
    two = np.mean((true >= low) & (true <= high))
    error = np.maximum(np.where(value > true, minus, plus), 1e-9)
    bias, ratio = np.median((value - true) / error), np.median(value / true)
    return f"{one:7.2f}{two:7.2f}{bias:+7.2f}{ratio:8.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, or only print the table of the existing records."""
    about = (__doc__ or "").splitlines()[0]
    output = CHECKOUT / "build" / "shapes-coverage.jsonl"
    run_study("accuracy/shapes", about, output, 2400, measure_one, table, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())

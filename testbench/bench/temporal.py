"""Speed of the temporal analysis: blocks against other programs, and durations per burst.

All times are CPU times of one thread. hepstats is measured once `testbench/bench/peers` has
installed it in an environment of its own.

Usage: testbench/bench/temporal [--json FILE] [--quick] [--peers]
"""

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.stats import bayesian_blocks
from numpy.typing import NDArray

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.blocks import segment_counts
from eclgrmd.analysis.temporal.search.prior import false_alarm_prior
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from testbench.accuracy.temporal import simulate
from testbench.command_line import command_parser

from .peers import measure_blocks

Floats = NDArray[np.float64]

_SIZES = (1_000, 10_000, 100_000, 1_000_000)
"""Numbers of events to segment."""
_FALSE_ALARM = 0.05
"""False-alarm probability of the prior."""
_ASTROPY_LIMIT = 10_000
"""Events above which --quick skips astropy, whose time grows with their square."""
_REPEATS = 3
"""Runs of which the fastest counts."""


def best_of(function: Callable[[], object], repeats: int) -> float:
    """Return the least CPU time of several runs, seconds. Wall time is wrong on a busy machine."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def burst_events(number: int) -> Floats:
    """Return sorted arrival times: a burst with a quarter of the events, and a flat background."""
    rng = np.random.default_rng(number)
    flat = rng.uniform(0.0, 100.0, number - number // 4)
    burst = 30.0 + rng.gamma(2.0, 5.0, number // 4)
    return np.sort(np.concatenate([flat, burst]))


def cells(events: Floats) -> Floats:
    """Return the exposure of each event: half way to its neighbours, as in astropy."""
    edges = np.concatenate([events[:1], 0.5 * (events[1:] + events[:-1]), events[-1:]])
    return np.maximum(np.diff(edges), 1e-12)


def bench_blocks(*, quick: bool, peers: bool) -> list[dict[str, Any]]:
    """Time the blocks of eclgrmd, astropy and (if `peers`) hepstats on the same events."""
    segment_counts(np.ones(10), np.ones(10), 4.0)
    rows = []
    for number in _SIZES:
        events = burst_events(number)
        exposure, ones = cells(events), np.ones(number)
        prior = false_alarm_prior(number, _FALSE_ALARM, events=True)
        seconds = best_of(lambda: segment_counts(ones, exposure, prior), _REPEATS)  # noqa: B023  # called immediately
        row: dict[str, Any] = {
            "events": number,
            "eclgrmd_s": seconds,
            "events_per_s": number / seconds,
        }
        limit = _ASTROPY_LIMIT if quick else 10 * _ASTROPY_LIMIT
        if number <= limit:
            row |= _others(
                events, prior, segment_counts(ones, exposure, prior), seconds, peers=peers
            )
        rows.append(row)
        _print_row(row)
    return rows


def _others(
    events: Floats, prior: float, starts: NDArray[np.int64], seconds: float, *, peers: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ours = np.concatenate([events[:1], 0.5 * (events[1:] + events[:-1])])[starts]
    edges: dict[str, Floats] = {}

    def run_astropy() -> None:
        edges["astropy"] = bayesian_blocks(events, fitness="events", ncp_prior=prior)

    found["astropy_s"] = best_of(run_astropy, 1)
    blocks = measure_blocks(events, prior) if peers else None
    if blocks is not None:
        found["hepstats_version"] = blocks["version"]
        found["hepstats_s"] = blocks["seconds"]
        edges["hepstats"] = np.array(blocks["edges"])
    for name, theirs in edges.items():
        found[f"{name}_ratio"] = found[f"{name}_s"] / seconds
        found[f"same_as_{name}"] = len(theirs) == len(ours) + 1 and bool(
            np.allclose(theirs[:-1], ours, rtol=0, atol=1e-9)
        )
    return found


def _print_row(row: dict[str, Any]) -> None:
    text = (
        f"{row['events']:>9} events: {row['eclgrmd_s']:.4f} s, {row['events_per_s'] / 1e6:.2f} M/s"
    )
    for name in ("astropy", "hepstats"):
        if f"{name}_s" in row:
            same = "same blocks" if row[f"same_as_{name}"] else "DIFFERENT BLOCKS"
            text += f"; {name} {row[f'{name}_s']:.2f} s, {row[f'{name}_ratio']:.0f} times, {same}"
    print(text, flush=True)


def bench_durations(number: int, *, resegment: bool) -> dict[str, float]:
    """Time the whole pipeline on simulated bursts, kernels warm."""
    choice = DurationChoice(bootstrap=1000, resegment=resegment, character=False)
    configuration = TaskConfiguration(duration=choice)
    measure(simulate(0)[2], configuration)
    times, events = [], []
    for seed in range(1, number + 1):
        data = simulate(seed)[2]
        start = time.process_time()
        measure(data, configuration)
        times.append(time.process_time() - start)
        events.append(len(data.events[0].time_s))
    result = {
        "bursts": float(number),
        "median_events": float(np.median(events)),
        "median_s": float(np.median(times)),
        "slowest_s": max(times),
    }
    kind = "searched again" if resegment else "cumulated"
    print(
        f"durations with 1000 replicas {kind}: {number} bursts of {result['median_events']:.0f} "
        f"events (median): {result['median_s']:.3f} s each (median), "
        f"slowest {result['slowest_s']:.3f} s"
    )
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all benchmarks."""
    parser = command_parser("bench/temporal", __doc__)
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    parser.add_argument("--quick", action="store_true", help="skip astropy above 1e4 events")
    parser.add_argument("--peers", action="store_true", help="also measure hepstats, from .peers/")
    parser.add_argument(
        "--bursts", type=int, default=20, help="bursts with durations; default: %(default)s"
    )
    options = parser.parse_args(arguments)
    rows = bench_blocks(quick=options.quick, peers=options.peers)
    span = math.log10(rows[-1]["events"] / rows[1]["events"])
    growth = (rows[-1]["eclgrmd_s"] / rows[1]["eclgrmd_s"]) ** (1.0 / span)
    print(f"growth from 1e4 to 1e6: x{growth:.1f} per decade (exponent {math.log10(growth):.3f})")
    durations = {
        name: bench_durations(options.bursts, resegment=again)
        for name, again in (("cumulated", False), ("resegmented", True))
    }
    if options.json is not None:
        figures = {"blocks": rows, "growth_per_decade": growth, "durations": durations}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

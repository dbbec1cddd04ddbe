"""`testbench/bench/hour`: time and memory of the analysis of a full-size hour of GRM events.

Simulates an hourly file (15.6 million events of three detectors, 280 MB), which is kept, and runs
the temporal pipeline on it in a separate process: calibrated light curves in all bands, background
and Bayesian blocks, as FITS and JSON. Exit status 0 if that takes less than 2 s and 1 GB, with
compiled kernels and the file in the page cache.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from eclgrmd.model.configuration.sections import DurationChoice, ProductChoice, TaskConfiguration
from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.model.task import TaskType
from testbench.command_line import command_parser

__all__ = ["main"]

_LIMIT_S, _LIMIT_BYTES = 2.0, 1_000_000_000
"""Requirements: time in seconds, peak memory in bytes."""
_RUNS = 3
"""Runs of which the fastest counts."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate the hour if it is missing, measure, print, and return 1 if a limit is exceeded."""
    parser = command_parser("bench/hour", __doc__)
    default = Path(tempfile.gettempdir()) / "eclgrmd-hour"
    parser.add_argument("--folder", type=Path, default=default, help="default: %(default)s")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure is not None:
        _measure(options.measure)
        return 0
    path = _hour(options.folder)
    command = [sys.executable, "-m", "testbench.bench.hour", "--measure", str(path)]
    measured = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    seconds, peak = min(measured["seconds"]), measured["peak_bytes"]
    times = ", ".join(f"{each:.2f}" for each in measured["seconds"])
    print(f"{path.name}: {measured['events']:,} events, {path.stat().st_size / 1e6:.0f} MB")
    print(f"file to light curves and blocks: {times} s (limit {_LIMIT_S:g} s)")
    print(f"peak memory: {peak / 1e6:.0f} MB (limit {_LIMIT_BYTES / 1e6:.0f} MB)")
    print(f"T90 {measured['t90_s']:.2f} s, products: {', '.join(measured['products'])}")
    return 0 if seconds < _LIMIT_S and peak < _LIMIT_BYTES else 1


def _hour(folder: Path) -> Path:
    """Return the simulated hour, with the trigger in its middle."""
    # Imported here only: the simulation takes more memory than the analysis.
    from testbench.simulate.arguments import DEFAULT_SEED  # noqa: PLC0415
    from testbench.simulate.bursts import burst_named  # noqa: PLC0415
    from testbench.simulate.files.grm import grm_event_name, write_grm_events  # noqa: PLC0415
    from testbench.simulate.physics.detectors import detectors_of  # noqa: PLC0415
    from testbench.simulate.physics.photons import draw_photons, generator  # noqa: PLC0415

    burst = burst_named("long")
    hour = int(burst.t0_met_s // 3600.0)
    path = folder / grm_event_name(hour, 1)
    if path.exists():
        return path
    burst = replace(
        burst,
        t0_met_s=hour * 3600.0 + 1800.0,
        window_s=(-1800.0, 1799.999),
        eclairs=False,
        drift=(0.01, 0.005),
    )
    folder.mkdir(parents=True, exist_ok=True)
    recorded = tuple(
        (each, draw_photons(burst, each, generator(DEFAULT_SEED, burst, each.name)))
        for each in detectors_of(burst)
    )
    (written,) = write_grm_events(folder, burst, recorded, generator(DEFAULT_SEED, burst, "files"))
    return written


def _measure(path: Path) -> None:
    from eclgrmd.formats import inspect_file  # noqa: PLC0415
    from eclgrmd.pipeline import run  # noqa: PLC0415

    configuration = TaskConfiguration(
        products=ProductChoice(figures=False), duration=DurationChoice(character=False)
    )
    seconds, outcome = [], None
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            request = PipelineRequest(
                task_id="hour",
                burst_id="hour",
                files=(PipelineFile(str(path), path.name, "0" * 64, FileKind.EVENTS),),
                output=folder,
                analysis=TaskType.TEMPORAL,
                configuration=configuration,
            )
            began = time.monotonic()
            outcome = run(request)
            seconds.append(round(time.monotonic() - began, 3))
    found = {
        "seconds": seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "events": inspect_file(path).rows,
        "t90_s": outcome.summary.t90_s if outcome else None,
        "products": [product.name for product in outcome.products] if outcome else [],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    sys.exit(main())

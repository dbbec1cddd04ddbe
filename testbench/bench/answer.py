"""`testbench/bench/answer`: how long a person waits for the first answer, and for all products.

Analyses GRB 080916C (two TTE files, two responses) of `../shared/data` in fresh processes, and
prints CPU times as medians over repeats, beside their floor and targets. `numbers` is the CPU time
when the table appears, `products` that of the whole process. With `--peers` also plain scripts of
gdt-core and threeML, which do less: one Band fit, no T90, no file and no picture.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from eclgrmd.errors import PermanentError
from testbench.checkout import CHECKOUT, SHARED_DATA
from testbench.command_line import command_parser

from .answer_daemon import daemon_rows
from .growing.folder import DETECTORS, write_folder
from .peers import PYTHON
from .processes import Cost, cost_of, median_cost, python

__all__ = ["main"]

BURST = SHARED_DATA / "fermi-gbm" / "bn080916009"
"""Folder of GRB 080916C."""
_INTERVAL_S = ("-0.32", "86.08")
"""Source interval of the peers: T100 as we find it, which they do not search."""
_FLOOR = "import numpy, scipy.special, scipy.linalg, astropy.io.fits, numba"
_OURS = "import eclgrmd.cli.commands.analyze, eclgrmd.offline.inputs, eclgrmd.pipeline"


class Row(TypedDict):
    """A line of the table."""

    name: str
    """What was measured."""
    value: float | None
    """The figure; None: not measured."""
    unit: str
    """Its unit."""
    target: float | None
    """Largest value wanted; None: none."""
    note: str
    """Why it was not measured, or what it consists of."""


def row(
    name: str,
    value: float | None,
    *,
    unit: str = "s",
    target: float | None = None,
    note: str = "",
) -> Row:
    """Return a line of the table."""
    return {"name": name, "value": value, "unit": unit, "target": target, "note": note}


def _import_rows(repeats: int) -> Iterator[Row]:
    """Yield the import budget."""
    for name, text in (
        ("bare Python", "pass"),
        ("floor: import numpy, scipy, astropy.io.fits, numba", _FLOOR),
        ("imports of `analyze` before its numbers", _OURS),
    ):
        costs = [cost_of(python("-c", text)) for _ in range(repeats)]
        yield row(name, median_cost(costs).cpu_s)


def _analyze(output: Path, files: Sequence[Path], *options: str) -> Cost:
    """Analyse files in a fresh process; the mark is the first line of the table."""
    command = python("-m", "eclgrmd", "analyze", *files, "--output", output, *options)
    return cost_of(command, mark="duration", folder=CHECKOUT)


def _analyze_rows(scratch: Path, repeats: int) -> Iterator[Row]:
    """Yield the rows of a cold `analyze`, its stages and its figures."""
    files = _two_detectors()
    drawn = [_analyze(scratch / "drawn", files) for _ in range(repeats)]
    numbers = statistics.median(cost.marked_s for cost in drawn)
    yield row("analyze, numbers printed", numbers, target=2.0)
    yield row("analyze, all products", median_cost(drawn).cpu_s, target=3.5)
    plain = scratch / "plain.yaml"
    plain.write_text("products: {figures: never}\n")
    without = [_analyze(scratch / "plain", files, "--config", str(plain)) for _ in range(repeats)]
    figures = median_cost(drawn).cpu_s - median_cost(without).cpu_s
    yield row("figures of one burst", figures, note="with the import of matplotlib", target=0.8)
    for stage, seconds in _stages(scratch / "drawn" / "task.log").items():
        yield row(f"  stage {stage}", seconds, note="elapsed, last run")


def _stages(log: Path) -> dict[str, float]:
    lines = map(json.loads, log.read_text().splitlines())
    return {line["stage"]: line["stage_s"] for line in lines if line["event"] == "stage done"}


def _two_detectors() -> list[Path]:
    """Return two TTE files and their responses.

    Raises
    ------
    PermanentError
        If there is no real data beside the checkout.
    """
    files = [*BURST.glob("glg_tte_*"), *BURST.glob("glg_cspec_*.rsp2")]
    if not files:
        raise PermanentError(f"{BURST}: there is no such folder with real data")
    return sorted(files)


def _folder_rows(scratch: Path, folder: Path, repeats: int) -> Iterator[Row]:
    """Yield time, growth and memory of a whole folder of a burst, made if it is not there."""
    detectors = {path.name.split("_")[2] for path in folder.glob("glg_tte_*")}
    if len(detectors) < len(DETECTORS):
        folder = scratch / "folder"
        write_folder(BURST, folder)
        detectors = set(DETECTORS)
    whole = median_cost([_analyze(scratch / "whole", [folder]) for _ in range(repeats)])
    two = [p for d in sorted(detectors)[:2] for p in folder.glob(f"glg_*_{d}_*")]
    few = median_cost([_analyze(scratch / "few", two) for _ in range(repeats)])
    each = (whole.cpu_s - few.cpu_s) / (len(detectors) - 2)
    yield row("whole folder", whole.cpu_s, target=12.0, note=f"{whole.elapsed_s:.1f} s elapsed")
    yield row("each further detector", each, target=0.5)
    yield row("memory of the whole folder", whole.peak_bytes / 1e6, unit="MB", target=600.0)


def _clone_row(scratch: Path) -> Row:
    """Return the time from a clone to its first result: no kernel and no module is compiled."""
    clone = scratch / "clone"
    got = cost_of(["git", "clone", "--quiet", CHECKOUT, clone])
    command = python("-m", "eclgrmd", "analyze", *_two_detectors(), "--output", scratch / "first")
    cost = cost_of(command, folder=clone, variables={"PYTHONPATH": str(clone)})
    note = f"{got.elapsed_s + cost.elapsed_s:.0f} s elapsed; without the virtual environment"
    return row("git clone to first result", got.cpu_s + cost.cpu_s, target=45.0, note=note)


def _memory_rows(scratch: Path, bursts: int) -> Iterator[Row]:
    """Yield the resident memory of a worker after few and after many bursts."""
    command = python("-m", "testbench.bench.answer_worker", scratch / "worker", str(bursts))
    cost = cost_of(command, folder=CHECKOUT)
    for number, mb in json.loads(cost.output):
        yield row(f"memory of a worker after {number} bursts", mb, unit="MB")


def _peer_rows(scratch: Path, repeats: int, numbers: float) -> Iterator[Row]:
    """Yield the same job by hand with other codes.

    Raises
    ------
    PermanentError
        If the peers are not installed.
    """
    if not PYTHON.exists():
        raise PermanentError("the peers are not installed: run testbench/bench/peers first")
    for peer in ("gdt", "threeml"):
        script = CHECKOUT / "testbench" / "bench" / "peer_fits" / f"{peer}_burst.py"
        command: list[str | Path] = [PYTHON, "-W", "ignore", script, BURST, *_INTERVAL_S]
        home = {"HOME": str(scratch)}
        costs = [
            cost_of(command, mark="Band:", folder=scratch, variables=home) for _ in range(repeats)
        ]
        cpu_s = median_cost(costs).cpu_s
        yield row(f"{peer}: plain script", cpu_s, note=costs[-1].output.strip().replace("\n", "; "))
        target = 0.6 if peer == "gdt" else None
        yield row(f"our numbers / {peer}", numbers / cpu_s, unit="", target=target)


def _print(line: Row) -> None:
    value = "-" if line["value"] is None else f"{line['value']:.2f} {line['unit']}"
    target = "" if line["target"] is None else f"(target {line['target']:g})"
    print(f"{line['name']:52} {value:>10} {target:14} {line['note']}", flush=True)


def _rows(options: Mapping[str, object], scratch: Path, repeats: int) -> Iterator[Row]:
    yield from _import_rows(repeats)
    numbers = 0.0
    for line in _analyze_rows(scratch, repeats):
        numbers = numbers or line["value"] or 0.0
        yield line
    if options["peers"]:
        yield from _peer_rows(scratch, repeats, numbers)
    yield from _folder_rows(scratch, Path(str(options["folder"])), repeats)
    for name, values in daemon_rows(scratch, _two_detectors(), repeats).items():
        target = 0.8 if "numbers" in name else 2.0
        yield row(name, statistics.median(values), target=target, note="elapsed")
    yield from _memory_rows(scratch, int(str(options["bursts"])))
    if not options["quick"]:
        yield _clone_row(scratch)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print each row as it is known, and return 1 if a target is missed."""
    parser = command_parser("bench/answer", __doc__)
    parser.add_argument("--peers", action="store_true", help="also measure gdt-core and threeML")
    parser.add_argument("--repeats", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--bursts", type=int, default=200, help="bursts of the worker's memory")
    parser.add_argument(
        "--folder", type=Path, default=BURST, help="a burst of 14 detectors (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="without the clone, which compiles")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows as JSON")
    options = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory(prefix="eclgrmd-answer-") as scratch:
        for line in _rows(vars(options), Path(scratch), options.repeats):
            _print(line)
            rows.append(line)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    missed = [line["name"] for line in rows if _misses(line)]
    print(f"missed: {', '.join(missed) or 'none'}")
    print("the quick look is measured by testbench/vhf live --bursts 20")
    return 1 if missed else 0


def _misses(line: Row) -> bool:
    value, target = line["value"], line["target"]
    return value is not None and target is not None and value > target


if __name__ == "__main__":
    sys.exit(main())

"""`testbench/bench/clone`: how long it takes from a clone to the first result, and why.

Clones this checkout and analyses GRB 080916C (two TTE files, two responses) of `../shared/data`
with it in a fresh process, without any compiled kernel or module, in this virtual environment.
`--revision` measures an earlier state. `--ranking` then compiles once more, in one process, and
lists the functions by the CPU time of their own compilation.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from eclgrmd.errors import PermanentError
from testbench.checkout import CHECKOUT, SHARED_DATA
from testbench.command_line import command_parser

from .processes import cost_of, python

__all__ = ["main"]

_BURST = SHARED_DATA / "fermi-gbm" / "bn080916009"
_TARGET_S = 45.0
"""Largest elapsed time wanted, on a machine that does nothing else."""
_RANKED = 25
"""Functions that are listed."""


def _files() -> list[Path]:
    files = sorted([*_BURST.glob("glg_tte_*"), *_BURST.glob("glg_cspec_*.rsp2")])
    if not files:
        raise PermanentError(f"{_BURST}: there is no such folder with real data")
    return files


def _this(clone: Path) -> dict[str, str]:
    """Return the variable by which all processes take the program from a clone."""
    return {"PYTHONPATH": str(clone)}


def _first_numbers_s(clone: Path, output: Path, began: float) -> float:
    """Run `analyze` in a clone and return the time when its table appears, seconds."""
    command = python("-m", "eclgrmd", "analyze", *_files(), "--output", output)
    environment = os.environ | _this(clone)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=clone, env=environment, text=True
    ) as process:
        seen = [time.monotonic() for line in process.stdout or () if "duration" in line]
    if process.returncode or not seen:
        raise PermanentError(f"analyze ended with status {process.returncode}")
    return seen[0] - began


def _measure(scratch: Path, revision: str) -> None:
    for kind in ("elapsed until the numbers", "CPU, all products"):
        clone = scratch / kind
        began = time.monotonic()
        cost_of(["git", "clone", "--quiet", CHECKOUT, clone])
        cost_of(["git", "-C", clone, "checkout", "--quiet", revision])
        if kind.startswith("elapsed"):
            seconds = _first_numbers_s(clone, scratch / "first", began)
            print(f"{kind:30} {seconds:6.1f} s (target {_TARGET_S:g} on an idle machine)")
        else:
            command = python("-m", "eclgrmd", "analyze", *_files(), "--output", scratch / "second")
            print(
                f"{kind:30} {cost_of(command, folder=clone, variables=_this(clone)).cpu_s:6.1f} s"
            )


def _rank(scratch: Path) -> None:
    """Compile in a fresh process and print the most costly functions."""
    report = scratch / "ranking.json"
    command = python("-m", __name__, report, "analyze", *_files(), "--output", scratch / "third")
    cost_of(command, folder=CHECKOUT, variables={"NUMBA_CACHE_DIR": str(scratch / "kernels")})
    own, times = defaultdict[str, float](float), defaultdict[str, int](int)
    for name, seconds in json.loads(report.read_text()):
        own[name] += seconds
        times[name] += 1
    print(f"\n{len(times)} functions, {sum(own.values()):.1f} s of CPU time; own time, times:")
    for name in sorted(own, key=own.__getitem__, reverse=True)[:_RANKED]:
        print(f"  {own[name]:6.2f} s  {times[name]:3}  {name}")


def _record(report: Path, arguments: Sequence[str]) -> int:
    """Run the program in this process and write name and own time of each compilation."""
    from numba.core import event  # noqa: PLC0415 - only this process compiles

    from eclgrmd.cli import main as program  # noqa: PLC0415

    rows: list[tuple[str, float]] = []
    open_: list[list[float]] = []

    class Listener(event.Listener):
        def on_start(self, _event: event.Event) -> None:
            open_.append([time.process_time(), 0.0])

        def on_end(self, ended: event.Event) -> None:
            start, inner = open_.pop()
            spent = time.process_time() - start
            if open_:
                open_[-1][1] += spent
            function = ended.data["dispatcher"].py_func
            rows.append((f"{function.__module__}.{function.__name__}", spent - inner))

    event.register("numba:compile", Listener())  # type: ignore[no-untyped-call]
    status = program(arguments)
    report.write_text(json.dumps(rows))
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the rows."""
    parser = command_parser("bench/clone", __doc__)
    parser.add_argument("--revision", default="HEAD", help="state to measure; default: %(default)s")
    parser.add_argument("--ranking", action="store_true", help="also list the functions")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-clone-") as scratch:
        _measure(Path(scratch), options.revision)
        if options.ranking:
            _rank(Path(scratch))
    return 0


if __name__ == "__main__":
    sys.exit(_record(Path(sys.argv[1]), sys.argv[2:]))

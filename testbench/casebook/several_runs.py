"""Cases with more than one run: a script of its own, and two runs into one folder."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from testbench.checkout import CHECKOUT

from .judge import Row, Verdict

__all__ = ["binned_blocks", "other_data", "two_at_once"]

_LIMIT_S = 300.0
"""Longest run, seconds."""


def binned_blocks(cases: Path, _folder: Path) -> Row:
    """Compare Bayesian blocks with a naive dynamic programme, by the script of the case."""
    ended = subprocess.run(
        [sys.executable, "14_binned_blocks/make.py"],
        cwd=cases,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )
    lines = (ended.stdout if ended.returncode == 0 else ended.stderr).strip().splitlines()
    last = lines[-1] if lines else "no output"
    verdict = Verdict.RIGHT if last == "differences 0 of 200" else Verdict.WRONG
    right = "equal to a dynamic programme of O(n^2)"
    return Row("14_binned_blocks make.py", "Bayesian blocks of binned counts", right, last, verdict)


def two_at_once(cases: Path, folder: Path) -> Row:
    """Run two analyses of different data into one folder at the same time."""
    output = folder / "at_once"
    runs = [_start(cases, "04_timezero_gti/control.fits", output)]
    runs.append(_start(cases, "10_lc_zero_error/control.lc", output))
    errors = [run.communicate(timeout=_LIMIT_S)[1] for run in runs]
    statuses = [run.returncode for run in runs]
    verdict, ours = _folder_verdict(statuses, errors, output)
    right = "the second replaces the first as a whole, or says that the folder is in use"
    return Row("70_run_twice", "two runs at once into one folder", right, ours, verdict)


def other_data(cases: Path, folder: Path) -> Row:
    """Run another analysis into a folder with products of an earlier one."""
    output = folder / "one_after_another"
    errors, statuses = [], []
    for name in ("10_lc_zero_error/control.lc", "04_timezero_gti/control.fits"):
        run = _start(cases, name, output)
        errors.append(run.communicate(timeout=_LIMIT_S)[1])
        statuses.append(run.returncode)
    verdict, ours = _folder_verdict(statuses, errors, output)
    right = "no product of the first run stays beside those of the second"
    return Row("70_run_twice", "other data into an old folder", right, ours, verdict)


def _start(cases: Path, name: str, output: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "eclgrmd", "analyze", name, "--output", str(output)],
        cwd=cases,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _folder_verdict(statuses: list[int], errors: list[str], output: Path) -> tuple[Verdict, str]:
    text = "".join(errors)
    if "Traceback" in text or not set(statuses) <= {0, 2}:
        return Verdict.CRASH, f"exit {statuses}: {text.strip()[-150:]}"
    mixed = _mixed(output)
    if mixed:
        return Verdict.WRONG, f"exit {statuses}: {mixed}"
    if 2 in statuses:
        in_use = "in use" in text or "another run" in text
        return (Verdict.TOLD if in_use else Verdict.WRONG), text.strip().splitlines()[-1]
    return Verdict.RIGHT, f"exit {statuses}: the products of one run alone"


def _mixed(output: Path) -> str:
    """Return how products of two runs are mixed in a folder (empty: they are not)."""
    products = sorted(path.name for path in output.glob("*-*"))
    if len({name.partition("-")[0] for name in products}) > 1:  # light curve of BAT, events of GBM
        return f"products of both: {products[0]} beside {products[-1]}"
    for line in (output / "task.log").read_text().splitlines():
        with contextlib.suppress(ValueError):
            json.loads(line)
            continue
        return f"task.log is mixed: {line[:60]}"
    return ""

"""Starts `eclgrmd analyze` as users do: as a separate process."""

import contextlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eclgrmd.cli import main

from .expectation import Run

__all__ = ["Outcome", "analyze", "analyze_here", "copied"]

_LIMIT_S = 600.0
"""Longest run, seconds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a run."""

    status: int | None
    """Exit status; negative for a signal, None if it did not end in time."""
    errors: str
    """Output on stderr."""
    result: dict[str, Any] = field(default_factory=dict)
    """The decoded `result.json`. Empty: there is none."""


def copied(cases: Path, folder: Path) -> Path:
    """Copy all cases to a writable folder."""
    copy = folder / "cases"
    shutil.copytree(cases, copy, copy_function=shutil.copyfile)
    for path in (copy, *copy.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    return copy


def analyze(run: Run, cases: Path, output: Path) -> Outcome:
    """Prepare the folder of a case, run the command there and return the outcome."""
    return _ended(cases / run.case, _prepared(run, cases, output), run, output)


def analyze_here(run: Run, cases: Path, output: Path) -> Outcome:
    """Run the command in this process, which is faster than starting another one.

    The run's environment and limits are not applied.
    """
    words = _prepared(run, cases, output)
    screen, errors = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cases / run.case),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(errors),
    ):
        try:
            status: int | None = main(["analyze", *words])
        except Exception:  # noqa: BLE001 (any exception is what is looked for)
            status = 1
            traceback.print_exc()
    return Outcome(status, errors.getvalue().strip(), _result(output / "result.json"))


def _prepared(run: Run, cases: Path, output: Path) -> list[str]:
    """Prepare the folder of a case and return the arguments of the command."""
    folder = cases / run.case
    folder.mkdir(exist_ok=True)
    if run.make:
        _make(cases, run.case)
    for name, original in run.copies.items():
        shutil.copyfile(folder / original, folder / name)
    return [*_files(folder, run.files), *run.arguments, "--output", str(output)]


def _make(cases: Path, name: str) -> None:
    subprocess.run(
        [sys.executable, f"{name}/make.py"],
        cwd=cases,
        env=os.environ | {"PYTHONPATH": str(cases)},
        check=True,
        capture_output=True,
    )


def _files(folder: Path, patterns: Sequence[str]) -> list[str]:
    """Expand the patterns; a name that matches no file is kept."""
    found: list[str] = []
    for pattern in patterns:
        matching = sorted(folder.glob(pattern)) if ".." not in pattern else []
        found += [f"./{path.name}" for path in matching] or [pattern]
    return found


def _ended(folder: Path, words: list[str], run: Run, output: Path) -> Outcome:
    def limit_files() -> None:
        if run.open_files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (run.open_files, run.open_files))

    try:
        ended = subprocess.run(
            [sys.executable, "-m", "eclgrmd", "analyze", *words],
            cwd=folder,
            env=os.environ | run.environment,
            preexec_fn=limit_files,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(None, f"it did not end within {_LIMIT_S:g} s")
    text = (ended.stdout + ended.stderr).decode(errors="replace")
    errors = text if "Traceback" in text else ended.stderr.decode(errors="replace")
    return Outcome(ended.returncode, errors.strip(), _result(output / "result.json"))


def _result(path: Path) -> dict[str, Any]:
    try:
        decoded: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return decoded

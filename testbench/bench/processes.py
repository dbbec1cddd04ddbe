"""Processes measured as a whole: CPU time, also until a certain output, elapsed time and memory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple

from eclgrmd.errors import PermanentError

__all__ = ["Cost", "cost_of", "median_cost", "python"]

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Fields of /proc/PID/stat behind the command's name: CPU time in ticks."""


class Cost(NamedTuple):
    """What a process has used."""

    cpu_s: float
    """CPU time, user and system, seconds."""
    marked_s: float
    """CPU time until the marked output, seconds; NaN if it never appeared."""
    elapsed_s: float
    """Elapsed time, seconds."""
    peak_bytes: int
    """Largest resident memory, bytes."""
    output: str
    """Standard output."""


def cost_of(
    command: Sequence[str | Path],
    *,
    mark: str = "",
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Cost:
    """Run a command and return its cost.

    Parameters
    ----------
    command
        Program and arguments.
    mark
        Text of the output whose CPU time is wanted.
    folder
        Working folder.
    variables
        More environment variables.

    Raises
    ------
    PermanentError
        If the command fails.
    """
    environment = os.environ | (variables or {})
    # A measured program may keep its compiled modules, as an installed one does.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=folder, env=environment, text=True
    ) as process:
        lines, marked_s = [], nan
        for line in process.stdout or ():
            lines.append(line)
            if mark and mark in line and isnan(marked_s):
                marked_s = _cpu_s(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed_s = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise PermanentError(f"{command[0]} ... ended with status {process.returncode}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Cost(cpu_s, marked_s, elapsed_s, 1024 * usage.ru_maxrss, "".join(lines))


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Return the run of median CPU time."""
    return sorted(costs, key=lambda cost: cost.cpu_s)[len(costs) // 2]


def python(*arguments: str | Path) -> list[str | Path]:
    """Return a command of this interpreter."""
    return [sys.executable, *arguments]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS

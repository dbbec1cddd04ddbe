"""CPU time of a daemon and of the processes that it has started."""

import contextlib
import os
from collections import defaultdict
from pathlib import Path

from testbench.faults.site import children

__all__ = ["cpu_by_part"]

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _NICE = 11, 12, 16
"""Fields of /proc/PID/stat behind the command's name: CPU time in ticks, and the nice value."""
_SERVERS = {"mariadbd": "MariaDB", "nats-server": "NATS"}
"""Processes of servers, and how they are called."""
_LOWER = 2
"""Increment of the nice value from which a worker is none of the quick look."""


def cpu_by_part(pid: int) -> dict[str, float]:
    """Return the CPU time of a daemon's event loop, workers and servers so far, seconds."""
    daemon = _stat(pid)
    found = defaultdict(float, {"event loop": _cpu_s(daemon)})
    for child, name in children(pid):
        stat = _stat(child)
        lower = int(stat[_NICE]) - int(daemon[_NICE]) >= _LOWER
        worker = "other workers" if lower else "quick look"
        found[_SERVERS.get(name, worker)] += _cpu_s(stat)
    return found


def _stat(pid: int) -> list[str]:
    with contextlib.suppress(OSError):  # it may end in the meantime
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return ["0"] * (_NICE + 1)


def _cpu_s(stat: list[str]) -> float:
    return (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS

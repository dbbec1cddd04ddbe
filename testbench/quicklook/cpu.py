"""CPU time of a daemon and of the processes that it has started."""

import contextlib
import os
from collections import defaultdict
from pathlib import Path

from testbench.faults.site import children

__all__ = ["cpu_by_part"]

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Fields of /proc/PID/stat behind the command's name: CPU time in ticks."""
_PARTS = {b"mariadbd": "MariaDB", b"nats-server": "NATS", b"eclgrmd.compute.worker": "workers"}
"""What a command line contains, and the part of the daemon that it belongs to."""


def cpu_by_part(pid: int) -> dict[str, float]:
    """Return the CPU time of a daemon's event loop, workers and servers so far, seconds."""
    found = defaultdict(float, {"event loop": _cpu_s(pid)})
    for child, line in children(pid):
        part = next((name for text, name in _PARTS.items() if text in line), "other")
        found[part] += _cpu_s(child)
    return found


def _cpu_s(pid: int) -> float:
    with contextlib.suppress(OSError):  # it may end in the meantime
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
    return 0.0

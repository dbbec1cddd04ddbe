"""Whatever the tests start ends with them, however they end.

Each pytest process (each worker of xdist is one) marks its environment, which all that it starts
inherits, and starts this file as a process that waits for its end, also by SIGKILL. What is marked
and still runs a moment later is killed and named.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

__all__ = ["MARK", "end_processes", "processes_with"]

MARK = "TESTS_THAT_STARTED_ME"
"""Name of the environment variable that tells whose a process is."""
GRACE_S = 3.0
"""How long what ends by itself may take for it."""
KILLING_S = 20.0
"""How long processes are looked for that others had started meanwhile."""


def processes_with(text: str) -> list[int]:
    """Return the ids of other processes whose environment or command line has a text."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        # A process of another user, or one that has just ended.
        with contextlib.suppress(OSError):
            said = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            if text.encode() in said and int(process.name) != os.getpid():
                found.append(int(process.name))
    return found


def end_processes(text: str, found: Callable[[int], object] = lambda pid: None) -> None:
    """Kill the processes that have a text, and those that they start meanwhile."""
    until = time.monotonic() + KILLING_S
    while (left := processes_with(text)) and time.monotonic() < until:
        for pid in left:
            found(pid)
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def pytest_configure() -> None:
    name = uuid.uuid4().hex
    os.environ[MARK] = name
    # No mark of its own: another guardian must leave it alone.
    guardian = subprocess.Popen(
        [sys.executable, "-S", __file__, name],
        stdin=subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    _guardians.append(guardian)


def pytest_unconfigure() -> None:
    while _guardians:
        guardian = _guardians.pop()
        assert guardian.stdin is not None
        guardian.stdin.close()
        guardian.returncode = 0  # nobody waits for it: it outlives this process


def _watch(name: str) -> None:
    sys.stdin.buffer.read()  # ends when nobody has the other end of the pipe
    until = time.monotonic() + GRACE_S
    mark = f"{MARK}={name}"
    while processes_with(mark) and time.monotonic() < until:
        time.sleep(0.05)
    end_processes(mark, _tell)


def _tell(pid: int) -> None:
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        print(f"tests left running, killed: {pid} {command}", file=sys.stderr)  # noqa: T201


_guardians: list[subprocess.Popen[bytes]] = []


if __name__ == "__main__":
    _watch(sys.argv[1])

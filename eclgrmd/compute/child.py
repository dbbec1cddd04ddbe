"""Children of the daemon that another process has forked for it."""

import asyncio
import contextlib
import ctypes
import os
import signal

__all__ = ["Child", "adopt_orphans"]

_PR_SET_CHILD_SUBREAPER = 36
"""Option of prctl(2): whether this process becomes the parent of orphans among its descendants."""
_LOOK_S = 0.005
"""Time between two looks at a process that is about to end, seconds."""


class Child:
    """A child that asyncio does not know; only `wait` takes its exit status."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        """Its process id."""
        self.returncode: int | None = None
        """Its exit status, negative for a signal; None: nobody has waited for its end."""

    def kill(self) -> None:
        """Kill it, unless its end is known."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it and wait for its end."""
        self.kill()
        await self.wait()

    async def wait(self) -> int:
        """Wait until it has ended, and return its exit status. Call this when it must end soon."""
        while self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)  # noqa: ASYNC222 - not blocking
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
            else:
                await asyncio.sleep(_LOOK_S)
        return self.returncode


def adopt_orphans() -> None:
    """Become the parent of processes below this one whose own parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)

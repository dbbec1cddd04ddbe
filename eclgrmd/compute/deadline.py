"""The deadline of a call, which the worker enforces itself."""

import time
from collections.abc import Callable

__all__ = ["Deadline"]


class Deadline:
    """The time at which a worker ends itself, even if the daemon cannot end it.

    It can be moved while the call runs. A daemon that is suspended (SIGSTOP, a frozen container)
    may lose its claim on the task. Its worker must not go on computing then.

    Parameters
    ----------
    until_s
        Time on the monotonic clock, seconds.
    """

    def __init__(self, until_s: float) -> None:
        self.until_s = until_s
        """Time on the monotonic clock, seconds."""
        self._send: Callable[[float], None] | None = None

    @property
    def passed(self) -> bool:
        """True if the deadline has passed."""
        return time.monotonic() >= self.until_s

    def move(self, until_s: float) -> None:
        """Set another time, and send it to the worker if the call runs."""
        self.until_s = until_s
        if self._send is not None:
            self._send(until_s)

    def begin(self, send: Callable[[float], None]) -> None:
        """Send the deadline to the worker through ``send``, now and whenever it moves."""
        self._send = send
        send(self.until_s)

    def end(self) -> None:
        """Stop sending the deadline: the call has ended."""
        self._send = None

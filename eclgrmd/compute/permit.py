"""Until when a call may go on, though the daemon may be stopped and unable to end it."""

import time
from collections.abc import Callable

__all__ = ["Permit"]


class Permit:
    """A moment on the monotonic clock, seconds, at which the worker ends itself.

    It can be moved while the call runs. The worker does not depend on the daemon for its end: one
    that is stopped (SIGSTOP, a frozen container) leaves no computation to which it has lost the
    right.
    """

    def __init__(self, until_s: float) -> None:
        self.until_s = until_s
        self._tell: Callable[[float], None] | None = None

    @property
    def over(self) -> bool:
        """Whether the moment has come."""
        return time.monotonic() >= self.until_s

    def move(self, until_s: float) -> None:
        """Let it end at another moment."""
        self.until_s = until_s
        if self._tell is not None:
            self._tell(until_s)

    def begin(self, tell: Callable[[float], None]) -> None:
        """Have the worker told, now and whenever the moment moves."""
        self._tell = tell
        tell(self.until_s)

    def end(self) -> None:
        """Tell the worker no more."""
        self._tell = None

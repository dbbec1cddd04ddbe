"""A timer that ends this process, whatever it computes at that time."""

import signal
import threading
import time

__all__ = ["Alarm"]

_SHORTEST_S = 1e-6
"""The resolution of setitimer; 0 would switch the timer off."""


class Alarm:
    """A timer of the kernel that ends the process with SIGALRM, active from `begin` to `silence`.

    It needs no Python code to run at its expiry, so it also ends a long call of a C library.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._computing = False

    def begin(self) -> None:
        """Allow `set` from now on: a computation starts."""
        with self._lock:
            self._computing = True

    def set(self, moment_s: float) -> None:
        """End the process at a time on the monotonic clock, seconds; ignored between calls."""
        with self._lock:
            if self._computing:
                left_s = moment_s - time.monotonic()
                signal.setitimer(signal.ITIMER_REAL, max(left_s, _SHORTEST_S))

    def silence(self) -> None:
        """Switch the timer off: the computation has ended."""
        with self._lock:
            self._computing = False
            signal.setitimer(signal.ITIMER_REAL, 0.0)

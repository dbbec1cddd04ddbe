"""Ends this process at a moment, whatever it computes then."""

import signal
import threading
import time

__all__ = ["Alarm"]

_AT_ONCE_S = 1e-6


class Alarm:
    """Rings only between `begin` and `silence`.

    The kernel delivers it, and by default ends the process: no line of Python has to run for that.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._computing = False

    def begin(self) -> None:
        """From now on it can be set."""
        with self._lock:
            self._computing = True

    def set(self, moment_s: float) -> None:
        """Let it ring at a moment on the monotonic clock, seconds."""
        with self._lock:
            if self._computing:
                left_s = moment_s - time.monotonic()
                signal.setitimer(signal.ITIMER_REAL, max(left_s, _AT_ONCE_S))

    def silence(self) -> None:
        """Let it ring no more."""
        with self._lock:
            self._computing = False
            signal.setitimer(signal.ITIMER_REAL, 0.0)

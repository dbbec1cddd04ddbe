"""A limit on the total time spent waiting for a peer: a server or a client."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

__all__ = ["Pace", "SlowError", "slowest"]

T = TypeVar("T")
_SLOW_BYTES_S = 100_000.0
"""Rate below which a transfer may be ended for another one, bytes per second."""
_SLOW_AFTER_S = 0.5
"""Time waited for bytes before the rate of a transfer is judged."""


class SlowError(TimeoutError):
    """The peer sends more slowly than required."""


class Pace:
    """Limits the total time spent waiting for a peer during one transfer.

    Only time inside `wait` counts, so that a slow disk of our own is not held against the peer.

    Parameters
    ----------
    limit_s
        Time allowed for a transfer of any size, seconds.
    least_bytes_s
        Minimum rate, bytes/s. Each received byte extends the limit by the time that it takes at
        this rate.
    """

    def __init__(self, limit_s: float, least_bytes_s: float) -> None:
        self._limit_s = limit_s
        self._least_bytes_s = least_bytes_s
        self._received_bytes = 0
        self._waited_s = 0.0
        self._began_s: float | None = None
        self._limit: asyncio.Timeout | None = None
        self.given_up = False
        """Whether `give_up` was called."""

    @property
    def waited_s(self) -> float:
        """Time waited so far, seconds."""
        if self._began_s is None:
            return self._waited_s
        return self._waited_s + asyncio.get_running_loop().time() - self._began_s

    @property
    def rate_bytes_s(self) -> float:
        """Received bytes per second of waiting."""
        return self._received_bytes / max(self.waited_s, 1e-9)

    def note(self, size: int) -> None:
        """Count received bytes."""
        self._received_bytes += size

    def give_up(self) -> None:
        """End the wait that is under way, and every later one, before the limit."""
        self.given_up = True
        self._limit_s, self._received_bytes = -1e9, 0
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def wait(self, awaited: Awaitable[T]) -> T:
        """Wait for the peer, and return the awaited result.

        Raises
        ------
        SlowError
            If the total limit is exceeded, or `give_up` was called.
        """
        allowed_s = self._limit_s + self._received_bytes / self._least_bytes_s
        left_s = allowed_s - self._waited_s
        self._began_s = asyncio.get_running_loop().time()
        limit = self._limit = asyncio.timeout(max(left_s, 0.0))
        try:
            async with limit:
                return await awaited
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise SlowError(
                f"{self._received_bytes} bytes came in {self.waited_s:.0f} s: "
                f"slower than {self._least_bytes_s:g} bytes/s after {self._limit_s:g} s"
            ) from error
        finally:
            self._waited_s, self._began_s, self._limit = self.waited_s, None, None


def slowest(paces: Iterable[Pace]) -> Pace | None:
    """Return the slowest pace, if it is so slow that it may be ended for another transfer."""
    judged = (pace for pace in paces if pace.waited_s > _SLOW_AFTER_S)
    found = min(judged, key=lambda pace: pace.rate_bytes_s, default=None)
    return None if found is None or found.rate_bytes_s > _SLOW_BYTES_S else found

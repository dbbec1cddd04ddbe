"""A bound on the time that somebody else is waited for: a server, or a client."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

__all__ = ["Pace", "SlowError"]

T = TypeVar("T")


class SlowError(TimeoutError):
    """The other side is too slow; to wait on would not help."""


class Pace:
    """How long somebody may be waited for: one limit over all that is sent.

    Only the time counts in which nothing else is waited for, as for our own disk.

    Parameters
    ----------
    limit_s
        Time to send anything of any size, seconds.
    least_bytes_s
        Least rate of the bytes, bytes/s: those that came are given their time on top.
    """

    def __init__(self, limit_s: float, least_bytes_s: float) -> None:
        self._limit_s = limit_s
        self._least_bytes_s = least_bytes_s
        self._came = 0
        self._waited_s = 0.0
        self._began_s: float | None = None
        self._limit: asyncio.Timeout | None = None

    @property
    def waited_s(self) -> float:
        """Time waited so far, seconds."""
        if self._began_s is None:
            return self._waited_s
        return self._waited_s + asyncio.get_running_loop().time() - self._began_s

    @property
    def rate_bytes_s(self) -> float:
        """Rate of the bytes over the time waited, bytes/s."""
        return self._came / max(self.waited_s, 1e-9)

    def note(self, size: int) -> None:
        """Count bytes that came."""
        self._came += size

    def give_up(self) -> None:
        """Wait no longer, though the limit has not come."""
        self._limit_s, self._came = -1e9, 0
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def wait(self, awaited: Awaitable[T]) -> T:
        """Wait for the other side.

        Raises
        ------
        SlowError
            When it has taken too long over all, or was given up.
        """
        left_s = self._limit_s + self._came / self._least_bytes_s - self._waited_s
        self._began_s = asyncio.get_running_loop().time()
        limit = self._limit = asyncio.timeout(max(left_s, 0.0))
        try:
            async with limit:
                return await awaited
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise SlowError(
                f"{self._came} bytes came in {self.waited_s:.0f} s: "
                f"slower than {self._least_bytes_s:g} bytes/s after {self._limit_s:g} s"
            ) from error
        finally:
            self._waited_s, self._began_s, self._limit = self.waited_s, None, None

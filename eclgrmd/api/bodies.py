"""A limit on slow bodies: beyond it, the slowest end for a new one."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from eclgrmd.aio.pace import Pace, slowest

__all__ = ["BODIES", "Bodies"]

_MOST_OF_CLIENT = 32
"""Bodies that one client may send slowly at a time."""


class Bodies:
    """The bodies that are being read.

    No body is refused here: beyond the limits, the slowest of this client, or else of all, are
    ended if they are slow enough. So they leave their connections to others.

    Parameters
    ----------
    most
        Bodies that all clients together may send slowly.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._number = 0
        self._of_client: defaultdict[str, list[Pace]] = defaultdict(list)

    @contextmanager
    def counted(self, client: str, pace: Pace) -> Iterator[None]:
        """Count a body for as long as the context is open."""
        own = self._of_client[client]
        _end_beyond(_MOST_OF_CLIENT, own)
        if self._number >= self._most:
            _end_beyond(self._most, [each for paces in self._of_client.values() for each in paces])
        own.append(pace)
        self._number += 1
        try:
            yield
        finally:
            own.remove(pace)
            self._number -= 1
            if not own:
                self._of_client.pop(client, None)


BODIES = web.AppKey("bodies", Bodies)
"""Key of the bodies in the application."""


def _end_beyond(most: int, paces: list[Pace]) -> None:
    """End slow bodies until there is room for one more, or none is slow."""
    going = [each for each in paces if not each.given_up]
    while len(going) >= most and (found := slowest(going)) is not None:
        found.give_up()
        going.remove(found)

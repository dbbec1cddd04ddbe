"""Places for uploads: shared among clients, and taken from those that are slow when others wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from eclgrmd.aio.pace import Pace
from eclgrmd.settings.live import LiveSettings

from .problems import TooMuchError

__all__ = ["Uploads"]

_SHARE = 0.75
"""Share of all places that one client may hold at a time."""
_SLOW_BYTES_S = 100_000.0
_SLOW_AFTER_S = 0.5
"""Time waited for a client before its rate is looked at."""


class _Place(NamedTuple):
    client: str
    pace: Pace


class Uploads:
    """A bounded number of uploads, of which no client has all."""

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._places: list[_Place] = []

    @contextmanager
    def place(self, client: str, pace: Pace) -> Iterator[None]:
        """Take a place for as long as the context is open.

        Where none is free, the slowest upload has to give its own.

        Raises
        ------
        TooMuchError
            When there is none.
        """
        of_client = [place for place in self._places if place.client == client]
        most = self._settings.now.rest.max_uploads
        if len(of_client) >= max(int(most * _SHARE), 1):
            self._make_room(of_client, "of this client ")
        elif len(self._places) >= most:
            self._make_room(self._places, "")
        taken = _Place(client, pace)
        self._places.append(taken)
        try:
            yield
        finally:
            self._places = [place for place in self._places if place is not taken]

    def _make_room(self, places: list[_Place], whose: str) -> None:
        slow = [each for each in places if each.pace.waited_s > _SLOW_AFTER_S]
        slowest = min(slow, key=lambda each: each.pace.rate_bytes_s, default=None)
        if slowest is None or slowest.pace.rate_bytes_s > _SLOW_BYTES_S:
            raise TooMuchError(f"as many uploads {whose}as may be are under way")
        slowest.pace.give_up()
        self._places = [place for place in self._places if place is not slowest]

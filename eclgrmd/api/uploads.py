"""A limit on concurrent uploads, shared fairly: slow uploads end when other clients wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from eclgrmd.aio.pace import Pace, slowest
from eclgrmd.settings.live import LiveSettings

from .middleware.problems import TooMuchError

__all__ = ["Uploads"]


class _Upload(NamedTuple):
    client: str
    pace: Pace


class Uploads:
    """The uploads in flight, limited in total (`rest.max_uploads`) and for each client.

    One client has at most `rest.client_uploads`, and never all places.
    """

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._in_flight: list[_Upload] = []

    @contextmanager
    def counted(self, client: str, pace: Pace) -> Iterator[None]:
        """Count an upload for as long as the context is open.

        At the limit the slowest upload is ended, if it is slow enough.

        Raises
        ------
        TooMuchError
            If the limit is reached and no upload is slow.
        """
        of_client = [upload for upload in self._in_flight if upload.client == client]
        rest = self._settings.now.rest
        if len(of_client) >= max(min(rest.client_uploads, rest.max_uploads - 1), 1):
            self._end_slowest(of_client, "of this client ")
        elif len(self._in_flight) >= rest.max_uploads:
            self._end_slowest(self._in_flight, "")
        new = _Upload(client, pace)
        self._in_flight.append(new)
        try:
            yield
        finally:
            self._in_flight = [upload for upload in self._in_flight if upload is not new]

    def _end_slowest(self, uploads: list[_Upload], whose: str) -> None:
        found = slowest(upload.pace for upload in uploads)
        if found is None:
            raise TooMuchError(
                f"the most allowed uploads {whose}are already in flight", limit="uploads"
            )
        found.give_up()
        self._in_flight = [upload for upload in self._in_flight if upload.pace is not found]

"""A limit on concurrent streams of events, in total and for each client."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from eclgrmd.errors import TransientError
from eclgrmd.settings.live import LiveSettings

from .middleware.connections import most_connections
from .middleware.problems import TooMuchError

__all__ = ["Streams"]

_SHARE = 0.6
"""Share of the connections that streams may take; the others are for requests."""
_RETRY_S = 10.0
"""Time after which a refused client comes again, seconds."""


class Streams:
    """The open streams of events, limited in total and for each client (`rest.client_streams`)."""

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._open: Counter[str] = Counter()

    @contextmanager
    def counted(self, client: str) -> Iterator[None]:
        """Count a stream for as long as the context is open.

        Raises
        ------
        TooMuchError
            If the client has as many as it may have.
        TransientError
            If all clients together have.
        """
        most = self._settings.now.rest.client_streams
        if self._open[client] >= most:
            raise TooMuchError(
                f"this client follows the events {most} times, which is the limit "
                "(rest.client_streams): close one",
                limit="streams",
                delay_s=_RETRY_S,
            )
        if (total := self._open.total()) >= _SHARE * most_connections():
            raise TransientError(
                f"{total} clients follow the events, which is the limit", delay_s=_RETRY_S
            )
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            self._open += Counter()  # drops the clients that have none

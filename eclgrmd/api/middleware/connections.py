"""Limits on client connections: their number, and their time to send a request."""

import asyncio
import resource
import socket
from collections.abc import Callable
from typing import cast

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

__all__ = ["Connections", "most_connections"]

_HEADER_LIMIT_S = 10.0
"""Time from a new connection, or the first byte of a request, to the end of the headers."""
_UNREAD_LIMIT_S = 60.0
"""Time that a client may leave a response unread."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)
_MOST = 1000
"""Most connections, however many descriptors there are: each costs memory."""
_FEWEST = 16
"""Fewest connections, however few descriptors there are."""
_DESCRIPTORS_EACH = 3
"""Descriptors counted for a connection: its socket, a file that it sends, and one for all else."""


def most_connections() -> int:
    """Return how many connections the limit of open files allows, each of them sending a file."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(min(descriptors // _DESCRIPTORS_EACH, _MOST), _FEWEST)


class Connections:
    """The open client connections, limited in number.

    At the limit, the connection that has been idle for longest is closed for a new one. If none is
    idle, the new one gets a 503.

    Parameters
    ----------
    most
        Most connections at a time.
    header_limit_s
        Time for the headers of a request, seconds.
    """

    def __init__(self, most: int, header_limit_s: float = _HEADER_LIMIT_S) -> None:
        self._most = most
        self.header_limit_s = header_limit_s
        self._open: dict[asyncio.BaseTransport, _Watched] = {}
        self._log = structlog.get_logger("api")

    def middleware(self) -> Middleware:
        """Return the middleware that marks connections as busy while a request is handled."""

        @web.middleware
        async def work(request: web.Request, handler: Handler) -> web.StreamResponse:
            watched = self._open.get(cast(asyncio.BaseTransport, request.transport))
            if watched is None:
                return await handler(request)
            watched.begin()
            try:
                return await handler(request)
            finally:
                watched.end()

        return work

    def watching(self, protocols: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Wrap a protocol factory so that its connections are watched."""
        return lambda: _Watched(self, protocols())

    def add(self, transport: asyncio.Transport, watched: "_Watched") -> bool:
        """Add a connection; return False if the limit is reached and no connection is idle."""
        if len(self._open) >= self._most:
            idle = [each for each in self._open.values() if not each.busy]
            oldest = min(idle, key=lambda each: each.idle_since_s, default=None)
            if oldest is None:
                self._log.warning("connection refused", open=len(self._open))
                return False
            oldest.close()
        self._open[transport] = watched
        return True

    def remove(self, transport: asyncio.BaseTransport) -> None:
        """Remove a closed connection."""
        self._open.pop(transport, None)


class _Watched(asyncio.Protocol):
    """A protocol between the transport of a connection and aiohttp's protocol that serves it."""

    def __init__(self, connections: Connections, served_by: asyncio.Protocol) -> None:
        self._connections = connections
        self._served_by = served_by
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._alarm: asyncio.TimerHandle | None = None
        self.busy = False
        self.idle_since_s = self._loop.time()

    def begin(self) -> None:
        """Mark the connection as busy: the headers of a request are complete."""
        self.busy = True
        self._disarm()

    def end(self) -> None:
        """Mark the connection as idle: its request was handled."""
        self.busy, self.idle_since_s = False, self._loop.time()

    def close(self) -> None:
        """Abort the connection at once."""
        self._connections.remove(self._transport)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Serve the connection, or refuse it with a 503 if there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self._limit_unread()
        if not self._connections.add(self._transport, self):
            self._transport.write(_FULL)
            self._transport.close()
            self._served_by = asyncio.Protocol()
        self._arm()
        self._served_by.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Forward bytes; the first ones of a request start the time limit of its headers."""
        if not self.busy and self._alarm is None:
            self._arm()
        self._served_by.data_received(data)

    def eof_received(self) -> bool | None:
        """Forward the end of the client's bytes."""
        return self._served_by.eof_received()

    def pause_writing(self) -> None:
        """Forward that the client does not read."""
        self._served_by.pause_writing()

    def resume_writing(self) -> None:
        """Forward that the client reads again."""
        self._served_by.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Remove the connection and forward that it is lost."""
        self._disarm()
        self._connections.remove(self._transport)
        self._served_by.connection_lost(error)

    def _limit_unread(self) -> None:
        """Have the kernel close the connection if the client does not read for too long."""
        connected: socket.socket | None = self._transport.get_extra_info("socket")
        if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
            limit_ms = int(_UNREAD_LIMIT_S * 1000)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit_ms)

    def _arm(self) -> None:
        self._alarm = self._loop.call_later(self._connections.header_limit_s, self.close)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

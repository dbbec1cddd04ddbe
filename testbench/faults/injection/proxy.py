"""A proxy in front of a server that can stop forwarding, as a partitioned network does."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

__all__ = ["Proxy"]

_CHUNK = 1 << 16
"""Bytes that are forwarded at once."""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Forwards bytes between its clients and a server.

    Parameters
    ----------
    connect
        Opens a connection to the server.
    """

    def __init__(self, connect: Callable[[], Awaitable[Streams]]) -> None:
        self._connect = connect
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None

    async def listen_on_port(self) -> int:
        """Accept clients on a free port of this machine and return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def listen_on_socket(self, path: Path) -> None:
        """Accept clients on a Unix socket."""
        self._server = await asyncio.start_unix_server(self._serve, path)

    def close(self) -> None:
        """Accept no more clients."""
        if self._server is not None:
            self._server.close()

    def partition(self) -> None:
        """Stop forwarding, without closing any connection."""
        self._passing.clear()

    def heal(self) -> None:
        """Forward everything that has arrived in the meantime, and all that follows."""
        self._passing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passing.wait()
        try:
            far_reader, far_writer = await self._connect()
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as pumps:
            pumps.create_task(self._pump(reader, far_writer), name="to the server")
            pumps.create_task(self._pump(far_reader, writer), name="from the server")

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # one side has closed the connection
            while data := await reader.read(_CHUNK):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

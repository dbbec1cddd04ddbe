"""Serves announced files, with faults at the first request."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from .tally import Tally

__all__ = ["FileServer", "running_file_server"]

_FAULTS = ("", "", "", "answers 500", "cuts the file short", "serves another file", "is slow")
_SLOW_S = 2.0
"""Delay of a slow response, seconds."""


class FileServer:
    """Serves files; with faults, about half of the first requests for a file go wrong."""

    def __init__(self, seed: int, tally: Tally, *, faults: bool) -> None:
        self._seed = seed
        self._choices = _FAULTS if faults else ("",)
        self._tally = tally
        self._files: dict[str, bytes] = {}
        self._seen: set[str] = set()
        self.url = ""

    def offer(self, burst_id: str, name: str, content: bytes) -> str:
        """Add a file and return its URL."""
        path = f"{burst_id}/{name}"
        self._files[path] = content
        return f"{self.url}/{path}"

    def _fault_of(self, path: str) -> str:
        return random.Random(f"{self._seed}-{path}").choice(self._choices)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send a file, or what a faulty server would send."""
        path = request.match_info["path"]
        content = self._files[path]
        fault = "" if path in self._seen else self._fault_of(path)
        self._seen.add(path)
        if fault:
            self._tally.faults[f"file server {fault}"] += 1
        match fault:
            case "answers 500":
                return web.Response(status=500)
            case "cuts the file short":
                return web.Response(body=content[:1000])
            case "serves another file":
                return web.Response(body=bytes(reversed(content)))
            case "is slow":
                await asyncio.sleep(_SLOW_S)
            case _:
                pass
        return web.Response(body=content)


@asynccontextmanager
async def running_file_server(
    seed: int, tally: Tally, *, faults: bool = True
) -> AsyncIterator[FileServer]:
    """Run the server while the context is open."""
    server = FileServer(seed, tally, faults=faults)
    app = web.Application()
    app.router.add_get("/{path:.+}", server.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()

"""A simulated mission database: lists and serves the files of a burst by HTTP, with faults.

`GET /mdb/files?burst_id=` and `GET /mdb/data/<burst>/<name>` (ranges), as
`eclgrmd.ingest.mdb` requests them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from aiohttp import web

from eclgrmd.model.messages.incoming import FileLink

from .catalogue import describe_file

__all__ = ["MissionDatabase", "running_mdb"]


@dataclass(slots=True)
class MissionDatabase:
    """Its files, its faults, and the requests that it has received."""

    files: Mapping[str, Sequence[Path]]
    """Files by burst id."""
    trigger_utc: Mapping[str, str] = field(default_factory=dict)
    """Trigger times by burst id, ISO 8601. Missing: null in the list."""
    break_after: int = 0
    """Bytes after which the connection breaks, once per file; 0: never."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Queries received, in order."""
    ranges: Counter[str] = field(default_factory=Counter)
    """Number of range requests by file name."""
    url: str = ""
    """Base URL while it is running."""

    def application(self) -> web.Application:
        """Return the web application with its routes."""
        app = web.Application()
        app.router.add_get("/mdb/files", self._list)
        app.router.add_get("/mdb/data/{burst}/{name}", self._serve)
        return app

    async def _list(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        burst = request.query["burst_id"]
        links = [
            await asyncio.to_thread(self._link, burst, path) for path in self.files.get(burst, ())
        ]
        answer = {"files": links, "trigger_utc": self.trigger_utc.get(burst)}
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    def _link(self, burst: str, path: Path) -> FileLink:
        file = describe_file(path, path.parent)
        return FileLink(
            name=file.name,
            url=f"{self.url}/data/{burst}/{file.name}",
            size=file.size,
            sha256=file.sha256,
        )

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        burst, name = request.match_info["burst"], request.match_info["name"]
        path = next((p for p in self.files.get(burst, ()) if p.name == name), None)
        if path is None:
            raise web.HTTPNotFound
        if "Range" in request.headers:
            self.ranges[name] += 1
        elif self.break_after and path.stat().st_size > self.break_after:
            return await self._break(request, path)
        return web.FileResponse(path)

    async def _break(self, request: web.Request, path: Path) -> web.StreamResponse:
        """Announce the whole file, send a part, and close the connection."""
        content = await asyncio.to_thread(path.read_bytes)
        response = web.StreamResponse()
        response.content_length = len(content)
        await response.prepare(request)
        await response.write(content[: self.break_after])
        if request.transport is not None:
            request.transport.close()
        return response


@asynccontextmanager
async def running_mdb(mdb: MissionDatabase, *, port: int = 0) -> AsyncIterator[MissionDatabase]:
    """Serve it while the context is open; set `mdb.url` of the daemon to its `url`."""
    runner = web.AppRunner(mdb.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        mdb.url = f"http://127.0.0.1:{runner.addresses[0][1]}/mdb"
        yield mdb
    finally:
        await runner.cleanup()

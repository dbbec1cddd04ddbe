"""The daemon that the scenario of the golden set is played to, and its clients."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from nats.aio.client import Client

from testbench.daemon_process import DaemonProcess

from .rows import Database

__all__ = ["ScenarioError", "Site", "daemon_up", "serve_folder"]

_SITE = {"products": {"figures": False, "tables": False}}
"""Task configuration of the site: without figures and tables, which take most of the time."""
_SETTINGS = {
    "ECLGRMD_VHF_SILENCE_S": "100000",  # the scenario itself ends the burst
    "ECLGRMD_VHF_PRODUCTS_S": "100000",  # only the first and the last set, however long it takes
    "ECLGRMD_STORAGE_RESERVE_BYTES": "0",
    "ECLGRMD_REST_MAX_JSON_BYTES": "100000",
    "ECLGRMD_REST_MAX_UPLOAD_BYTES": "100000000",
    "ECLGRMD_TASKS_MAX_OPEN": "100",  # more than are open before the limit is tested
    "ECLGRMD_SERVICE_NAME": "eclgrm",
}
_LIMIT_S = 1800.0
"""Limit of one wait, seconds: generous, for busy machines."""
_POLL_S = 0.05
"""Time between two looks at a condition, seconds."""


class ScenarioError(Exception):
    """Raised when the daemon does not do what it does in every run."""


class Site:
    """The daemon and its clients."""

    def __init__(
        self, rest: str, session: aiohttp.ClientSession, client: Client, database: Database
    ) -> None:
        self.rest = rest
        self.session = session
        self.nats = client
        self.database = database

    async def post(self, path: str, payload: bytes) -> int:
        """Post and return the status."""
        async with self.session.post(f"{self.rest}{path}", data=io.BytesIO(payload)) as answer:
            await answer.read()
            return answer.status

    async def until(self, what: str, done: Callable[[], Awaitable[bool]]) -> None:
        """Wait for a condition."""
        try:
            async with asyncio.timeout(_LIMIT_S):
                while not await done():  # noqa: ASYNC110 (the condition is another process's)
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise ScenarioError(f"after {_LIMIT_S:g} s still not true: {what}") from None

    async def ask(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return rows of the database."""
        return await asyncio.to_thread(self.database.rows, sql, *values)


@asynccontextmanager
async def daemon_up(folder: Path) -> AsyncIterator[DaemonProcess]:
    """Run a daemon while the context is open."""
    site = folder / "site.json"
    site.write_text(json.dumps(_SITE))
    calibration = folder / "calibration"
    settings = {
        **_SETTINGS,
        "ECLGRMD_TASKS_CONFIGURATION_FILE": str(site),
        "ECLGRMD_VHF_CALIBRATION_DIR": str(calibration),
    }
    process = DaemonProcess(folder, workers=2, settings=settings)
    try:
        await process.start()
        yield process
    finally:
        await process.stop()


@asynccontextmanager
async def serve_folder(folder: Path) -> AsyncIterator[str]:
    """Serve a folder by HTTP and return its URL."""
    application = web.Application()
    application.router.add_static("/", folder)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

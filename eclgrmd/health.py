"""Watches what the daemon depends on, and tells of every change."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from eclgrmd.bus import Bus
from eclgrmd.compute import Workers
from eclgrmd.errors import TransientError
from eclgrmd.store.database import Database

__all__ = ["Health"]

_PERIOD_S = 1.0


class Health:
    """The state of database, NATS and workers, looked at once a second."""

    def __init__(self, database: Database, bus: Bus, workers: Workers) -> None:
        self._database = database
        self._bus = bus
        self._workers = workers
        self._faults: dict[str, str] = {}
        self.rest_ready = False
        """True while the REST interface takes new work."""

    @property
    def ready(self) -> bool:
        """Tell whether everything works."""
        return self.rest_ready and not self._faults

    def report(self) -> dict[str, Any]:
        """Give the state of each dependency for the health page."""
        report: dict[str, Any] = {"ready": self.ready}
        for name in ("database", "nats", "workers"):
            fault = self._faults.get(name, "")
            report[name] = {"ok": not fault, "fault": fault}
        health = self._workers.health
        report["workers"] |= {"alive": health.alive, "wanted": health.wanted, "busy": health.busy}
        return report

    async def check(self) -> None:
        """Look at every dependency now."""
        faults = {}
        try:
            await self._database.check()
        except TransientError as error:
            faults["database"] = str(error)
        if not self._bus.connected:
            faults["nats"] = "not connected"
        if not self._workers.health.alive:
            faults["workers"] = "no worker process is alive"
        self._faults = faults

    async def watch(self, stop: asyncio.Event, tell: Callable[[str], Awaitable[None]]) -> None:
        """Look once a second; tell when something fails and when all is well again."""
        while not stop.is_set():
            before = dict(self._faults)
            await self.check()
            if self._faults.keys() != before.keys():
                faults = "; ".join(f"{name}: {fault}" for name, fault in self._faults.items())
                await tell(
                    f"Service eclgrm is degraded: {faults}" if faults else "Service eclgrm is ready"
                )
            try:
                async with asyncio.timeout(_PERIOD_S):
                    await stop.wait()
            except TimeoutError:
                continue

"""Watches what the daemon depends on, and tells of every change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from eclgrmd.bus import Bus
from eclgrmd.compute import Workers
from eclgrmd.errors import TransientError
from eclgrmd.store.database import Database, utc_now
from eclgrmd.store.dead_letters import count_dead_letters
from eclgrmd.store.files import FileStore
from eclgrmd.store.outbox import oldest_announcement
from eclgrmd.store.task_views import open_tasks

__all__ = ["DEPENDENCIES", "Health"]

DEPENDENCIES = ("database", "nats", "workers", "storage", "announcements")
"""What has to work."""

_PERIOD_S = 1.0


class Health:
    """The state of database, NATS and workers, looked at once a second."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        workers: Workers,
        files: FileStore,
        *,
        reserve_bytes: int,
        max_open: int,
        announce_limit_s: float,
    ) -> None:
        self._database = database
        self._bus = bus
        self._workers = workers
        self._files = files
        self.reserve_bytes = reserve_bytes
        self.max_open = max_open
        self._announce_limit_s = announce_limit_s
        self._open = 0
        self._dead_letters = 0
        self._waited_s = 0.0
        self._faults: dict[str, str] = {}
        self.rest_ready = False
        """True while the REST interface takes new work."""

    @property
    def ready(self) -> bool:
        """Tell whether everything works."""
        return self.rest_ready and not self._faults

    @property
    def full(self) -> bool:
        """Tell whether so many tasks are open that no more are taken."""
        return self._open >= self.max_open

    def report(self) -> dict[str, Any]:
        """Give the state of each dependency for the health page."""
        report: dict[str, Any] = {"ready": self.ready}
        for name in DEPENDENCIES:
            fault = self._faults.get(name, "")
            report[name] = {"ok": not fault, "fault": fault}
        health = self._workers.health
        report["workers"] |= {"alive": health.alive, "wanted": health.wanted, "busy": health.busy}
        report["announcements"] |= {
            "oldest_s": round(self._waited_s, 1),
            "limit_s": self._announce_limit_s,
            "dead_letters": self._dead_letters,
        }
        report["tasks"] = {"open": self._open, "most": self.max_open}
        return report

    def in_one_line(self) -> str:
        """Say how everything is, for the service manager."""
        workers = self._workers.health
        faults = "; ".join(f"{name}: {fault}" for name, fault in self._faults.items())
        state = f"degraded: {faults}" if faults else "ready"
        return f"{state}; {workers.busy} of {workers.alive} workers busy, {self._open} tasks open"

    async def check(self) -> None:
        """Look at every dependency now."""
        faults: dict[str, str] = {}
        try:
            await self._database.check()
            async with self._database.reading() as transaction:
                self._open = await open_tasks(transaction, self.max_open)
                self._dead_letters = await count_dead_letters(transaction)
                oldest = await oldest_announcement(transaction)
            faults |= self._late(oldest)
        except TransientError as error:
            faults["database"] = str(error)
        try:
            await asyncio.to_thread(self._files.check_room, 0, self.reserve_bytes)
        except TransientError as error:
            faults["storage"] = str(error)
        if not self._bus.connected:
            faults["nats"] = "not connected"
        if not self._workers.health.alive:
            faults["workers"] = "no worker process is alive"
        self._faults = faults

    def _late(self, oldest: tuple[datetime, str] | None) -> dict[str, str]:
        """Return a fault where an announcement waits for too long."""
        self._waited_s = max((utc_now() - oldest[0]).total_seconds(), 0.0) if oldest else 0.0
        if oldest is None or self._waited_s <= self._announce_limit_s:
            return {}
        waited = f"{oldest[1]} waits for {self._waited_s:.0f} s, limit {self._announce_limit_s:g} s"
        return {"announcements": f"NATS does not take what is announced: {waited}"}

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

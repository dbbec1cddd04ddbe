"""Health checks of everything that the daemon depends on."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from eclgrmd.aio.polling import poll
from eclgrmd.bus import Bus
from eclgrmd.clock import utc_now
from eclgrmd.compute import Workers
from eclgrmd.errors import EclgrmdError, FatalError, TransientError
from eclgrmd.files import FileStore
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.dead_letters import count_dead_letters
from eclgrmd.store.intake.notifications import Held, waiting_fetches
from eclgrmd.store.intake.outbox import oldest_announcement
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.probe import prove_database
from eclgrmd.store.tasks.task_views import open_tasks

__all__ = ["DEPENDENCIES", "PROBE_SUBJECT", "Health"]

PROBE_SUBJECT = "eclgrm.probe"
"""Subject of the messages that prove that NATS stores messages; nobody receives them."""

DEPENDENCIES = ("database", "nats", "workers", "storage", "announcements")
"""The checks that must pass for the daemon to be ready."""

_PROBE = bytes(4096)
"""A whole page: fewer bytes could still fit into an allocated page of a full disk."""
_PERIOD_S = 1.0
"""Time between checks."""
_LONGEST_CHECK_S = 60.0
"""Age at which the last check says nothing any more; one may wait for several servers in turn."""


class Health:
    """Checks the dependencies once a second and reports their state.

    Parameters
    ----------
    database, bus, workers, files, settings
        The resources of the daemon.
    owner
        Node id of this daemon.
    set_aside
        Number of packets that the quick look left out since the start, by cause; others count.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        workers: Workers,
        files: FileStore,
        *,
        settings: LiveSettings,
        owner: str,
        set_aside: Mapping[str, int],
    ) -> None:
        self._database = database
        self._bus = bus
        self._workers = workers
        self._files = files
        self._settings = settings
        self._held: Held | None = None
        self._owner = owner
        self._set_aside = set_aside
        self._beats = 0
        self._checked_s = -math.inf
        self._open = 0
        self._dead_letters = 0
        self._oldest: tuple[datetime, str] | None = None
        self._began = utc_now().isoformat()
        self._faults: dict[str, str] = {}
        self.rest_ready = False
        """Whether the REST interface accepts new work."""

    @property
    def ready(self) -> bool:
        """Return whether REST accepts work and every check of the last minute passed."""
        return self.rest_ready and not self._faults and self._checked_ago_s < _LONGEST_CHECK_S

    @property
    def full(self) -> bool:
        """Return whether as many tasks are open as may be, so that new ones are refused."""
        return self._open >= self._settings.now.tasks.max_open

    def report(self) -> dict[str, Any]:
        """Return the state of each dependency, as the health page shows it."""
        report: dict[str, Any] = {
            "ready": self.ready,
            "checked_ago_s": round(self._checked_ago_s, 1),
        }
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
        report["quick_look"] = {"set_aside": dict(self._set_aside)}
        held = self._held or Held(0, 0.0, "")
        report["fetches"] = {
            "waiting": held.number,
            "longest_s": round(held.longest_s, 1),
            "limit_s": self._settings.now.tasks.fetch_wait_s,
            "reason": held.reason,
        }
        report["tasks"] = {"open": self._open, "most": self._settings.now.tasks.max_open}
        return report

    def in_one_line(self) -> str:
        """Return the state in one line, for the service manager."""
        workers = self._workers.health
        faults = "; ".join(f"{name}: {fault}" for name, fault in self._faults.items())
        state = f"degraded: {faults}" if faults else "ready"
        return f"{state}; {workers.busy} of {workers.alive} workers busy, {self._open} tasks open"

    @property
    def _reserve_bytes(self) -> int:
        return self._settings.now.storage.reserve_bytes

    @property
    def _announce_limit_s(self) -> float:
        return self._settings.now.nats.announce_limit_s

    async def check(self) -> None:
        """Check every dependency now: write to the database, publish, and look for free space."""
        faults = {
            "database": await self._fault_of(self._check_database()),
            "nats": await self._fault_of(self._check_bus()),
            "workers": "" if self._workers.health.alive else "no worker process is alive",
            "storage": await self._fault_of(
                asyncio.to_thread(self._files.check_room, 0, self._reserve_bytes)
            ),
            "announcements": self._lateness(),
        }
        self._faults = {name: fault for name, fault in faults.items() if fault}
        self._checked_s = time.monotonic()

    async def _fault_of(self, checking: Awaitable[None]) -> str:
        """Return why a check failed; empty if it passed."""
        try:
            await checking
        except FatalError:
            raise
        except EclgrmdError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a failing check must not end the daemon
            return f"{type(error).__name__}: {error}"
        return ""

    async def _check_database(self) -> None:
        await prove_database(self._database, self._owner)
        async with self._database.reading() as transaction:
            self._open = await open_tasks(transaction, self._settings.now.tasks.max_open)
            self._dead_letters = await count_dead_letters(transaction)
            self._oldest = await oldest_announcement(transaction)
            self._held = await waiting_fetches(transaction)

    async def _check_bus(self) -> None:
        """Publish a message and wait until NATS has stored it."""
        self._beats += 1
        message_id = f"{self._owner}-{self._began}-{self._beats}"
        if not self._bus.connected:
            raise TransientError("not connected")
        try:
            await self._bus.publish(PROBE_SUBJECT, _PROBE, message_id)
        except EclgrmdError as error:
            raise TransientError(
                f"connected, but it stores nothing ({error}): make room on its disk; "
                "a server that is not the daemon's own may have to be restarted then"
            ) from error

    @property
    def _checked_ago_s(self) -> float:
        return time.monotonic() - self._checked_s

    @property
    def _waited_s(self) -> float:
        """Age of the oldest unpublished announcement, seconds."""
        return max((utc_now() - self._oldest[0]).total_seconds(), 0.0) if self._oldest else 0.0

    def _lateness(self) -> str:
        waited_s = self._waited_s
        if self._oldest is None or waited_s <= self._announce_limit_s:
            return ""
        waited = f"{self._oldest[1]} waits for {waited_s:.0f} s, limit {self._announce_limit_s:g} s"
        return f"NATS does not take what is announced: {waited}"

    def fault(self, name: str) -> str:
        """Return what is wrong with a dependency; empty if it works."""
        return self._faults.get(name, "")

    async def watch(self, stop: asyncio.Event, report: Callable[[str], Awaitable[None]]) -> None:
        """Check once a second until a stop is requested.

        Parameters
        ----------
        report
            Called with a status sentence when the set of failed checks changes.
        """

        async def look() -> float:
            before = dict(self._faults)
            await self.check()
            if self._faults.keys() != before.keys():
                faults = "; ".join(f"{name}: {fault}" for name, fault in self._faults.items())
                await report(
                    f"Service eclgrm is degraded: {faults}" if faults else "Service eclgrm is ready"
                )
            return _PERIOD_S

        await poll(look, stage="health", stop=stop)

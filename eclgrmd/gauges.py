"""Metrics that are measured on request: states, sizes and counts of the database."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping

from eclgrmd.bus import Bus
from eclgrmd.compute import Workers
from eclgrmd.errors import TransientError
from eclgrmd.files import FileStore
from eclgrmd.health import DEPENDENCIES, Health
from eclgrmd.metrics import Metrics
from eclgrmd.model.task import FiguresState
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.maintenance.counts import count_everything
from eclgrmd.store.sql.database import Database

__all__ = ["Gauges"]

_COUNTED_S = 10.0
"""Time for which a count of the whole database is used: the queries are expensive."""
_FIGURES = tuple(state for state in FiguresState if state is not FiguresState.NONE)
"""States of figures that are counted."""


class Gauges:
    """Updates the gauges of `Metrics`.

    While a server is away, its gauges keep their last values and the gauge `up` is 0.
    """

    def __init__(
        self,
        metrics: Metrics,
        health: Health,
        database: Database,
        bus: Bus,
        files: FileStore,
        pools: Mapping[str, Workers],
        settings: LiveSettings,
    ) -> None:
        self._metrics = metrics
        self._health = health
        self._database = database
        self._bus = bus
        self._files = files
        self._pools = pools
        self._settings = settings
        self._counted_at = -_COUNTED_S
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Update all gauges; those of the database at most once in 10 s."""
        self._look_inside()
        self._metrics.free.set(await asyncio.to_thread(self._free_bytes))
        await self._time("nats", self._bus.ping)
        async with self._turn:
            if time.monotonic() - self._counted_at >= _COUNTED_S:
                await self._time("database", self._database.check)
                await self._count()

    def _free_bytes(self) -> float:
        """Return the free space of the disk, bytes; NaN if it cannot be read."""
        try:
            return self._files.free_bytes()
        except TransientError:
            return math.nan

    def _look_inside(self) -> None:
        metrics, report = self._metrics, self._health.report()
        metrics.ready.set(self._health.ready)
        metrics.reserve.set(self._settings.now.storage.reserve_bytes)
        metrics.oldest_announcement.set(report["announcements"]["oldest_s"])
        metrics.dead_letters.set(report["announcements"]["dead_letters"])
        for cause, number in report["quick_look"]["set_aside"].items():
            metrics.packets_set_aside.labels(cause).set(number)
        for what in DEPENDENCIES:
            metrics.up.labels(what).set(report[what]["ok"])
        for name, pool in self._pools.items():
            health = pool.health
            metrics.workers.labels(name, "wanted").set(health.wanted)
            metrics.workers.labels(name, "alive").set(health.alive)
            metrics.workers.labels(name, "busy").set(health.busy)
            metrics.calls_waiting.labels(name).set(health.waiting)
            metrics.worker_deaths.labels(name).set(health.deaths)

    async def _time(self, server: str, ask: Callable[[], Awaitable[object]]) -> None:
        began = time.perf_counter()
        try:
            await ask()
        except TransientError:
            self._metrics.up.labels(server).set(0)
            return
        self._metrics.round_trip.labels(server).set(time.perf_counter() - began)

    async def _count(self) -> None:
        try:
            async with self._database.transaction() as transaction:
                counts = await count_everything(transaction)
        except TransientError:
            return
        self._counted_at = time.monotonic()
        metrics = self._metrics
        metrics.tasks.clear()
        for (state, analysis), number in counts.tasks.items():
            metrics.tasks.labels(state, analysis).set(number)
        metrics.queue_age.set(counts.queue_age_s)
        for figures in _FIGURES:
            metrics.figures.labels(figures).set(counts.figures.get(figures, 0))
        metrics.figures_age.set(counts.figures_age_s)
        metrics.transfers.set(counts.transfers)
        metrics.unannounced.set(counts.unannounced)
        metrics.kept.labels("data").set(counts.data_bytes)
        metrics.kept.labels("products").set(counts.product_bytes)

"""Retention: removes files that are too old, or the oldest ones when there are too many."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.clock import utc_now
from eclgrmd.files import FileStore
from eclgrmd.hints import Hints
from eclgrmd.settings.daemon import StorageSettings
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.access.audit import forget_audit
from eclgrmd.store.access.kept_answers import forget_answers
from eclgrmd.store.intake.dead_letters import forget_dead_letters
from eclgrmd.store.intake.faults import forget_faults
from eclgrmd.store.intake.outbox import forget_published
from eclgrmd.store.maintenance.retention import (
    OldFile,
    clean_data,
    clean_products,
    is_cleaned,
    kept_bytes,
    oldest_files,
)
from eclgrmd.store.quicklook.retention import (
    clean_packets,
    clean_quick_look_products,
    quick_look_bytes,
)
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction

from .age import AgeClock

__all__ = ["Cleaner"]

_PERIOD_S = 60.0
"""Time between two rounds."""
_BATCH = 200
"""Most rows that one transaction removes, which keeps it short."""
_QUICK_LOOK_BATCH = 20
"""Most quick-look products that one transaction removes, about one set; then the size is checked
again."""


class Cleaner:
    """Removes old files and rows once a minute, within the limits of the settings.

    Products are removed before data, because their consumers have been told to fetch them.
    """

    def __init__(
        self, database: Database, files: FileStore, hints: Hints, settings: LiveSettings
    ) -> None:
        self._database = database
        self._files = files
        self._hints = hints
        self._settings = settings
        self._clock = AgeClock(database)
        self._now = utc_now()
        self._log = structlog.get_logger("ingest")

    async def run(self, stop: asyncio.Event) -> None:
        """Clean once a minute until a stop is requested."""

        async def clean() -> float:
            await self.clean()
            return _PERIOD_S

        await poll(clean, stage="cleaner", stop=stop, hint=self._hints.settings)

    @property
    def _storage(self) -> StorageSettings:
        return self._settings.now.storage

    async def clean(self) -> int:
        """Remove files and rows beyond the limits; return the number of bytes removed."""
        self._now, removed = await self._clock.now(), 0
        for data in (False, True):
            removed += await self._clean_old(data=data)
        for data in (False, True):
            removed += await self._clean_excess(data=data)
        removed += await self._clean_quick_looks()
        for forget in (
            forget_published,
            forget_faults,
            forget_dead_letters,
            forget_answers,
            forget_audit,
        ):
            await self._forget(forget)
        if removed:
            self._log.info("files cleaned", bytes=removed)
        return removed

    def _ago(self, age: timedelta) -> datetime:
        """Return the time before which files have this age; for age 0, the latest possible time."""
        return self._now - age if age else max(self._now, utc_now())

    async def _clean_quick_looks(self) -> int:
        """Remove quick-look products, then packets: the too old ones, then the excess."""
        old, removed = self._ago(timedelta(days=self._storage.vhf_keep_days)), 0
        for remove in (self._remove_quick_look_products, self._remove_packets):
            while freed := await remove(old) or (
                await self._quick_looks_exceed_limit() and await remove(self._ago(timedelta(0)))
            ):
                removed += freed
        return removed

    async def _quick_looks_exceed_limit(self) -> bool:
        async with self._database.reading() as transaction:
            return await quick_look_bytes(transaction) > self._storage.vhf_keep_bytes

    async def _remove_quick_look_products(self, before: datetime) -> int:
        """Remove one batch of quick-look products; return their size in bytes."""
        async with self._database.transaction() as transaction:
            removed = await clean_quick_look_products(transaction, before, _QUICK_LOOK_BATCH)
        for path, _ in removed:
            await asyncio.to_thread(self._files.remove, path)
        return sum(size for _, size in removed)

    async def _remove_packets(self, before: datetime) -> int:
        """Remove the packets of one burst; return their size in bytes."""
        async with self._database.transaction() as transaction:
            return await clean_packets(transaction, before)

    async def _forget(self, forget: Callable[[Transaction, datetime, int], Awaitable[int]]) -> None:
        """Remove rows of a table that are older than the products that are kept."""
        before = self._ago(timedelta(days=self._storage.keep_days))
        forgotten = _BATCH
        while forgotten == _BATCH:
            async with self._database.transaction() as transaction:
                forgotten = await forget(transaction, before, _BATCH)

    async def _clean_old(self, *, data: bool) -> int:
        days = timedelta(days=self._storage.keep_days)
        removed, batch = 0, await self._oldest(days, data=data)
        while batch:
            freed = await self._remove(batch)
            removed, batch = removed + freed, await self._oldest(days, data=data) if freed else []
        return removed

    async def _clean_excess(self, *, data: bool) -> int:
        removed, excess = 0, await self._excess()
        while excess > 0:
            wanted: list[OldFile] = []
            for file in await self._oldest(timedelta(0), data=data):
                if sum(chosen.size for chosen in wanted) < excess:
                    wanted.append(file)
            freed = await self._remove(wanted)
            if not freed:
                break
            removed, excess = removed + freed, await self._excess()
        return removed

    async def _excess(self) -> int:
        """Return the bytes to remove: beyond the limit, or missing to the reserve of the disk."""
        async with self._database.transaction() as transaction:
            kept = await kept_bytes(transaction)
        free = await asyncio.to_thread(self._files.free_bytes)
        return max(
            kept - self._storage.keep_bytes,
            self._storage.reserve_bytes - free,
        )

    async def _oldest(self, age: timedelta, *, data: bool) -> list[OldFile]:
        async with self._database.transaction() as transaction:
            return await oldest_files(transaction, self._ago(age), data=data, limit=_BATCH)

    async def _remove(self, files: list[OldFile]) -> int:
        """Remove files; return the number of bytes.

        The rows are removed before the files, so that a crash leaves no row without its file.
        """
        products = [file for file in files if file.data_id is None]
        async with self._database.transaction() as transaction:
            clean_products(transaction, products)
        for file in products:
            await asyncio.to_thread(self._files.remove, file.path)
        freed = sum(file.size for file in products)
        for file in files:
            if file.data_id is not None and await self._remove_data(file):
                freed += file.size
        return freed

    async def _remove_data(self, file: OldFile) -> bool:
        async with self._database.transaction() as transaction:
            if not await clean_data(transaction, file):
                return False
        # This locks the burst, so that the same file cannot arrive again at the same time.
        async with self._database.transaction() as transaction:
            if await is_cleaned(transaction, file):
                await asyncio.to_thread(self._files.remove, file.path)
        return True

"""Makes room: removes files that are too old or too many, those first that others have had."""

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
_BATCH = 200
_QUICK_LOOK_BATCH = 20
"""About one set: what is too much is looked at again after each."""


class Cleaner:
    """Runs until it is told to stop."""

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
        """Clean once a minute."""

        async def clean() -> float:
            await self.clean()
            return _PERIOD_S

        await poll(clean, stage="cleaner", stop=stop, hint=self._hints.settings)

    @property
    def _storage(self) -> StorageSettings:
        return self._settings.now.storage

    async def clean(self) -> int:
        """Remove what is too old, then what is too much; give the number of bytes."""
        self._now, removed = await self._clock.now(), 0
        for data in (False, True):
            removed += await self._clean_old(data=data)
        for data in (False, True):
            removed += await self._clean_excess(data=data)
        removed += await self._clean_quick_looks()
        for forget in (forget_published, forget_faults, forget_dead_letters):
            await self._forget(forget)
        if removed:
            self._log.info("files cleaned", bytes=removed)
        return removed

    def _ago(self, age: timedelta) -> datetime:
        """Return a past time, by the clock that files age by; without an age, the present."""
        return self._now - age if age else max(self._now, utc_now())

    async def _clean_quick_looks(self) -> int:
        """Remove quick-look products, then packets: what is too old, then what is too much."""
        old, removed = self._ago(timedelta(days=self._storage.vhf_keep_days)), 0
        for remove in (self._remove_quick_look_products, self._remove_packets):
            while freed := await remove(old) or (
                await self._quick_looks_are_too_much() and await remove(self._ago(timedelta(0)))
            ):
                removed += freed
        return removed

    async def _quick_looks_are_too_much(self) -> bool:
        async with self._database.reading() as transaction:
            return await quick_look_bytes(transaction) > self._storage.vhf_keep_bytes

    async def _remove_quick_look_products(self, before: datetime) -> int:
        """Remove some sets of one burst or more."""
        async with self._database.transaction() as transaction:
            removed = await clean_quick_look_products(transaction, before, _QUICK_LOOK_BATCH)
        for path, _ in removed:
            await asyncio.to_thread(self._files.remove, path)
        return sum(size for _, size in removed)

    async def _remove_packets(self, before: datetime) -> int:
        """Remove the packets of one burst."""
        async with self._database.transaction() as transaction:
            return await clean_packets(transaction, before)

    async def _forget(self, forget: Callable[[Transaction, datetime, int], Awaitable[int]]) -> None:
        """Remove rows of a table that are so old that the products of their time are gone, too."""
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
                if sum(each.size for each in wanted) < excess:
                    wanted.append(file)
            freed = await self._remove(wanted)
            if not freed:
                break
            removed, excess = removed + freed, await self._excess()
        return removed

    async def _excess(self) -> int:
        """Bytes beyond the limit, or missing to the reserve, whichever is more."""
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
        """Take files out of the tables, then off the disk: a crash leaves no row without file."""
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
        # The burst is held, so that nobody brings the same file again just now.
        async with self._database.transaction() as transaction:
            if await is_cleaned(transaction, file):
                await asyncio.to_thread(self._files.remove, file.path)
        return True

"""Fetches what data notifications announced, again and again until it is here or given up."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import structlog

from eclgrmd.config import TaskSettings
from eclgrmd.errors import FatalError, InputError, TransientError, brief
from eclgrmd.pauses import doubled
from eclgrmd.store.database import Database
from eclgrmd.store.hints import Hints
from eclgrmd.store.notifications import (
    Fetch,
    claim_fetch,
    close_fetch,
    hold_fetch,
    postpone_fetch,
)

from .download import download
from .receive import Receiver, Wanted

__all__ = ["Fetcher"]

_AT_A_TIME = 4
"""A server that does not answer must not hold up what others offer."""
_LONGEST_DELAY_S = 256.0
"""Of the pause between two tries, from 1 s."""


class Fetcher:
    """Runs until it is told to stop."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        hints: Hints,
        *,
        owner: str,
        settings: TaskSettings,
    ) -> None:
        self._database = database
        self._receiver = receiver
        self._hints = hints
        self._owner = owner
        self.settings = settings
        self._log = structlog.get_logger("ingest")

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch a few files at a time."""
        limit = aiohttp.ClientTimeout(total=self.settings.fetch_timeout_s)
        async with aiohttp.ClientSession(timeout=limit) as session, asyncio.TaskGroup() as slots:
            for number in range(_AT_A_TIME):
                slots.create_task(self._slot(session, stop), name=f"fetch slot {number}")

    async def _slot(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        while not stop.is_set():
            seen, fetch = self._hints.fetches.count, None
            try:
                fetch = await self._claim()
                if fetch is not None:
                    await self._fetch(session, fetch)
                    continue
            except TransientError as error:
                self._log.warning("fetching waits", reason=str(error))
                if fetch is not None:
                    await self._release(fetch, error, stop)
            await self._hints.fetches.wait(seen, self.settings.poll_s)

    async def _release(self, fetch: Fetch, error: TransientError, stop: asyncio.Event) -> None:
        """Let a file be fetched soon that could not be kept; else its lease has to run out."""
        number, delay_s, reason = fetch.transfer_id, error.delay_s, str(error)
        while not stop.is_set():
            try:
                async with self._database.transaction() as transaction:
                    postpone_fetch(transaction, number, delay_s=delay_s, reason=reason, tries=0)
            except TransientError as again:
                await asyncio.sleep(again.delay_s)
            else:
                return

    async def _claim(self) -> Fetch | None:
        async with self._database.transaction() as transaction:
            return await claim_fetch(transaction, self._owner, self._lease_s)

    @property
    def _lease_s(self) -> float:
        return self.settings.fetch_timeout_s + self.settings.lease_s

    async def _chunks(self, session: aiohttp.ClientSession, fetch: Fetch) -> AsyncIterator[bytes]:
        """Give the bytes of a file, and keep our right to it as long as they come."""
        loop = asyncio.get_running_loop()
        held_at = loop.time()
        async for chunk in download(session, fetch.url, fetch.size):
            yield chunk
            if loop.time() - held_at > self.settings.lease_s:
                async with self._database.transaction() as transaction:
                    hold_fetch(transaction, fetch.transfer_id, self._lease_s)
                held_at = loop.time()

    async def _fetch(self, session: aiohttp.ClientSession, fetch: Fetch) -> None:
        wanted = Wanted(fetch.burst_id, fetch.name, fetch.sha256, fetch.size, fetch.size)
        try:
            await self._receiver.receive(wanted, self._chunks(session, fetch))
        except (aiohttp.ClientError, TimeoutError, InputError) as error:
            await self._failed(fetch, wanted, brief(f"{type(error).__name__}: {error}"))
            return
        except (FatalError, TransientError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this file's
            self._log.exception("fetch failed unexpectedly", url=fetch.url)
            reason = brief(f"unexpected {type(error).__name__}: {error}")
            await self._failed(fetch, wanted, reason)
            return
        async with self._database.transaction() as transaction:
            close_fetch(transaction, fetch.transfer_id)

    async def _failed(self, fetch: Fetch, wanted: Wanted, reason: str) -> None:
        last = fetch.attempts + 1 >= self.settings.fetch_attempts
        self._log.warning(
            "fetch failed",
            burst_id=fetch.burst_id,
            url=fetch.url,
            reason=reason,
            attempt=fetch.attempts + 1,
            last=last,
        )
        if last:
            tries = f"in {fetch.attempts + 1} tries"
            await self._receiver.refuse(
                wanted, f"{fetch.name}: not fetched from {fetch.url} {tries}: {reason}"
            )
        async with self._database.transaction() as transaction:
            if last:
                close_fetch(transaction, fetch.transfer_id, reason=reason)
            else:
                postpone_fetch(
                    transaction,
                    fetch.transfer_id,
                    delay_s=doubled(1.0, fetch.attempts, _LONGEST_DELAY_S),
                    reason=reason,
                )

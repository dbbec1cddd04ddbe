"""Fetches what data notifications announced, again and again until it is here or given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import structlog

from eclgrmd.aio.backoff import backoff_s
from eclgrmd.aio.pace import Pace
from eclgrmd.aio.polling import poll, retry
from eclgrmd.errors import FatalError, InputError, TransientError, brief
from eclgrmd.files import TooLargeError
from eclgrmd.hints import Hints
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.notifications import (
    Fetch,
    claim_fetch,
    close_fetch,
    hold_fetches,
    postpone_fetch,
    release_fetches,
)
from eclgrmd.store.sql.database import Database

from .download import download
from .places import Places
from .receive import Receiver, Wanted

__all__ = ["Fetcher"]

_LONGEST_WAIT_S = 300.0
"""Longest pause after a trouble of our own; each is as long as all before together."""
_LONGEST_DELAY_S = 256.0
"""Longest pause between two tries; the first is 1 s."""


class Fetcher:
    """Downloads announced files side by side, and retries with growing pauses."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        hints: Hints,
        *,
        owner: str,
        settings: LiveSettings,
    ) -> None:
        self._database = database
        self._receiver = receiver
        self._hints = hints
        self._owner = owner
        self._settings = settings
        self._places = Places()
        self._log = structlog.get_logger("ingest")

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch until the stop, which ends all transfers at once: others go on with them."""
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            asyncio.TaskGroup() as group,
        ):
            working = group.create_task(self._work(session, stop), name="fetches")
            await stop.wait()
            working.cancel()
        with suppress(TransientError):  # then their leases run out
            async with self._database.transaction() as transaction:
                release_fetches(transaction, self._owner)

    async def _work(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:

            async def begin_next() -> float:
                fetch = None if self._places.full else await self._claim()
                if fetch is None:
                    return self._settings.now.tasks.poll_s
                self._places.add(fetch)
                name = f"fetch {fetch.transfer_id}"
                group.create_task(self._settle(session, fetch), name=name)
                return 0.0

            holding = poll(
                self._hold, stage="leases of fetches", stop=stop, hint=self._hints.settings
            )
            group.create_task(holding, name="hold fetches")
            await poll(begin_next, stage="fetcher", stop=stop, hint=self._hints.fetches)

    async def _claim(self) -> Fetch | None:
        async with self._database.transaction() as transaction:
            for hosts in self._places.turns():
                fetch = await claim_fetch(
                    transaction,
                    self._owner,
                    self._lease_s,
                    full_hosts=hosts,
                    full_bursts=self._places.full_bursts,
                )
                if fetch is not None:
                    return fetch
        return None

    @property
    def _lease_s(self) -> float:
        return 3 * self._settings.now.tasks.lease_s

    async def _hold(self) -> float:
        """Renew our leases, so that nobody else fetches the same."""
        if numbers := self._places.numbers:
            async with self._database.transaction() as transaction:
                hold_fetches(transaction, self._owner, numbers, self._lease_s)
        return self._settings.now.tasks.lease_s

    async def _settle(self, session: aiohttp.ClientSession, fetch: Fetch) -> None:
        """Fetch a file; what fails by our own fault is put off."""
        try:
            await self._fetch(session, fetch)
        except TransientError as error:
            await self._release(fetch, error)
        finally:
            self._places.remove(fetch)
            self._hints.fetches.give()

    async def _release(self, fetch: Fetch, error: TransientError) -> None:
        """Let a file be fetched again that could not be kept, unless it has waited too long."""
        waited_s, reason = fetch.waited_s, str(error)
        over = waited_s >= self._settings.now.tasks.fetch_wait_s
        self._log.warning(
            "fetching waits", url=fetch.url, reason=reason, waited_s=waited_s, last=over
        )
        delay_s = max(error.delay_s, min(waited_s, _LONGEST_WAIT_S))

        async def release() -> None:
            if over:
                await self._give_up(fetch, f"waited for {waited_s:.0f} s: {reason}")
                return
            async with self._database.transaction() as transaction:
                number = fetch.transfer_id
                postpone_fetch(transaction, number, delay_s=delay_s, reason=reason, ours=True)

        await retry(release, stage="release of fetches")

    async def _chunks(self, session: aiohttp.ClientSession, fetch: Fetch) -> AsyncIterator[bytes]:
        settings = self._settings.now.tasks
        pace = Pace(settings.fetch_timeout_s, settings.fetch_least_bytes_s)
        silence_s = settings.fetch_timeout_s
        async for chunk in download(session, fetch.url, fetch.size, pace, silence_s=silence_s):
            yield chunk
        self._places.came(fetch)
        self._hints.fetches.give()

    async def _fetch(self, session: aiohttp.ClientSession, fetch: Fetch) -> None:
        try:
            self._check_size(fetch)
            await self._receiver.receive(_wanted(fetch), self._chunks(session, fetch))
        except TooLargeError as error:
            self._log.warning("fetch refused", url=fetch.url, reason=str(error))
            await self._give_up(fetch, str(error))
            return
        except (aiohttp.ClientError, TimeoutError, InputError) as error:
            await self._failed(fetch, brief(f"{type(error).__name__}: {error}"))
            return
        except (FatalError, TransientError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this file's
            self._log.exception("fetch failed unexpectedly", url=fetch.url)
            reason = brief(f"unexpected {type(error).__name__}: {error}")
            await self._failed(fetch, reason)
            return
        async with self._database.transaction() as transaction:
            close_fetch(transaction, fetch.transfer_id)

    def _check_size(self, fetch: Fetch) -> None:
        largest_bytes = self._settings.now.rest.max_upload_bytes
        if fetch.size > largest_bytes:
            raise TooLargeError(
                f"{fetch.size} bytes: at most {largest_bytes} are fetched (rest.max_upload_bytes)"
            )

    async def _give_up(self, fetch: Fetch, reason: str) -> None:
        await self._receiver.refuse(
            _wanted(fetch), brief(f"{fetch.name}: not fetched from {fetch.url}: {reason}")
        )
        async with self._database.transaction() as transaction:
            close_fetch(transaction, fetch.transfer_id, reason=brief(reason))

    async def _failed(self, fetch: Fetch, reason: str) -> None:
        self._places.failed(fetch)
        last = fetch.attempts + 1 >= self._settings.now.tasks.fetch_attempts
        self._log.warning(
            "fetch failed",
            burst_id=fetch.burst_id,
            url=fetch.url,
            reason=reason,
            attempt=fetch.attempts + 1,
            last=last,
        )
        if last:
            await self._give_up(fetch, f"in {fetch.attempts + 1} tries: {reason}")
            return
        async with self._database.transaction() as transaction:
            postpone_fetch(
                transaction,
                fetch.transfer_id,
                delay_s=backoff_s(1.0, fetch.attempts, _LONGEST_DELAY_S),
                reason=reason,
            )


def _wanted(fetch: Fetch) -> Wanted:
    return Wanted(fetch.burst_id, fetch.name, fetch.sha256, fetch.size, fetch.size, fetch.host)

"""Download of the files that data notifications announce."""

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
from eclgrmd.model.links import LinkPolicy, LinkRefusedError, shown_link
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

from .download import CONNECT_LIMIT_S, download
from .links import described, link_policy, open_session
from .receive import Expected, Receiver
from .slots import FetchSlots

__all__ = ["Fetcher"]

_LONGEST_WAIT_S = 300.0
"""Longest pause after a failure on our side, such as a full disk; each pause is as long as all
earlier ones together."""
_LONGEST_DELAY_S = 256.0
"""Longest pause between two attempts; the first is 1 s, and it doubles."""
_LEASES = 3
"""Length of the claim on a file, in `tasks.lease_s`: renewal may fail twice without losing it."""


class Fetcher:
    """Downloads announced files concurrently, and retries with exponential backoff.

    Parameters
    ----------
    database
        Holds the announced files and the claims on them.
    receiver
        Checks, inspects and records the files.
    hints
        Wakes this stage, and others after a new file.
    owner
        Name of this daemon in claims.
    settings
        The settings in force.
    """

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
        self._slots = FetchSlots()
        self._log = structlog.get_logger("ingest")

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch until a stop is requested, which ends all transfers for other daemons to resume."""
        limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT_S)
        async with (
            open_session(self._policy, timeout=limit) as session,
            asyncio.TaskGroup() as group,
        ):
            working = group.create_task(self._work(session, stop), name="fetches")
            await stop.wait()
            working.cancel()
        with suppress(TransientError):  # the claims expire by themselves
            async with self._database.transaction() as transaction:
                release_fetches(transaction, self._owner)

    async def _work(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:

            async def begin_next() -> float:
                fetch = None if self._slots.full else await self._claim()
                if fetch is None:
                    return self._settings.now.tasks.poll_s
                self._slots.add(fetch)
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
            for hosts in self._slots.host_exclusions():
                fetch = await claim_fetch(
                    transaction,
                    self._owner,
                    self._lease_s,
                    full_hosts=hosts,
                    full_bursts=self._slots.full_bursts,
                )
                if fetch is not None:
                    return fetch
        return None

    def _policy(self) -> LinkPolicy:
        return link_policy(self._settings.now)

    @property
    def _lease_s(self) -> float:
        return _LEASES * self._settings.now.tasks.lease_s

    async def _hold(self) -> float:
        """Renew the claims on files in flight; return the pause until the next renewal, seconds."""
        if numbers := self._slots.transfer_ids:
            async with self._database.transaction() as transaction:
                hold_fetches(transaction, self._owner, numbers, self._lease_s)
        return self._settings.now.tasks.lease_s

    async def _settle(self, session: aiohttp.ClientSession, fetch: Fetch) -> None:
        """Fetch a file; postpone it if the failure is on our side."""
        try:
            await self._fetch(session, fetch)
        except TransientError as error:
            await self._release(fetch, error)
        finally:
            self._slots.remove(fetch)
            self._hints.fetches.give()

    async def _release(self, fetch: Fetch, error: TransientError) -> None:
        """Postpone a file that could not be stored, or give it up if it has waited too long."""
        waited_s, reason = fetch.waited_s, str(error)
        over = waited_s >= self._settings.now.tasks.fetch_wait_s
        self._log.warning(
            "fetch postponed",
            url=shown_link(fetch.url),
            reason=reason,
            waited_s=waited_s,
            last=over,
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
        policy = self._policy()
        async for chunk in download(
            session, policy, fetch.url, fetch.size, pace, silence_s=silence_s
        ):
            yield chunk
        self._slots.received(fetch)
        self._hints.fetches.give()

    async def _fetch(self, session: aiohttp.ClientSession, fetch: Fetch) -> None:
        try:
            self._check_size(fetch)
            await self._receiver.receive(_expected(fetch), self._chunks(session, fetch))
        except (LinkRefusedError, TooLargeError) as error:
            self._log.warning("fetch refused", url=shown_link(fetch.url), reason=str(error))
            await self._give_up(fetch, str(error))
            return
        except (aiohttp.ClientError, TimeoutError, InputError) as error:
            await self._failed(fetch, brief(described(error)))
            return
        except (FatalError, TransientError):
            raise
        except Exception as error:  # noqa: BLE001 - a failure of one file must not end the stage
            self._log.exception("fetch failed unexpectedly", url=shown_link(fetch.url))
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
            _expected(fetch),
            brief(f"{fetch.name}: not fetched from {shown_link(fetch.url)}: {reason}"),
        )
        async with self._database.transaction() as transaction:
            close_fetch(transaction, fetch.transfer_id, reason=brief(reason))

    async def _failed(self, fetch: Fetch, reason: str) -> None:
        self._slots.failed(fetch)
        last = fetch.attempts + 1 >= self._settings.now.tasks.fetch_attempts
        self._log.warning(
            "fetch failed",
            burst_id=fetch.burst_id,
            url=shown_link(fetch.url),
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


def _expected(fetch: Fetch) -> Expected:
    return Expected(fetch.burst_id, fetch.name, fetch.sha256, fetch.size, fetch.size, fetch.host)

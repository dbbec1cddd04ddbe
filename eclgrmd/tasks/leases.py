"""Keeps the claims of this daemon, and finds the claims that other daemons have lost.

No clock of day is asked, and no two clocks are compared. A claim is kept by renewing it; who has
seen the same renewal for longer than a lease, on a clock that nobody sets, takes it for lost. Its
owner stops working on it before that: a lease after it *began* its last renewal that went through.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog

from eclgrmd.errors import TransientError
from eclgrmd.store.claims import (
    Attempt,
    Claim,
    Lease,
    recover_tasks,
    renew_claims,
    standing_claims,
)
from eclgrmd.store.database import Database
from eclgrmd.store.hints import Hints

__all__ = ["Leases"]


class Leases:
    """Of one daemon."""

    def __init__(self, database: Database, hints: Hints, *, lease_s: float) -> None:
        self._database = database
        self._hints = hints
        self._lease_s = lease_s
        self._ours: set[Attempt] = set()
        self._scopes: dict[Attempt, asyncio.Timeout] = {}
        """Those of ours that are being computed."""
        self._first_seen: dict[Lease, float] = {}
        self._latest = float("inf")
        self._log = structlog.get_logger("tasks")

    @contextmanager
    def renewed(self, claim: Claim) -> Iterator[None]:
        """Keep a claim while inside."""
        attempt = claim.task_id, claim.attempt
        self._ours.add(attempt)
        try:
            yield
        finally:
            self._ours.remove(attempt)

    @asynccontextmanager
    async def while_valid(self, claim: Claim, since_s: float) -> AsyncIterator[None]:
        """Be inside only while the claim, asked for at `since_s` on the loop's clock, is ours.

        Raises
        ------
        TimeoutError
            It no longer is, or the daemon stops.
        """
        attempt = claim.task_id, claim.attempt
        async with asyncio.timeout_at(min(since_s + self._lease_s, self._latest)) as scope:
            self._scopes[attempt] = scope
            try:
                yield
            finally:
                del self._scopes[attempt]

    def end_by(self, latest_s: float) -> None:
        """Let no computation last longer than that."""
        self._latest = latest_s
        for scope in self._scopes.values():
            _reschedule(scope, min(latest_s, scope.when() or latest_s))

    async def keep(self, idle: asyncio.Event) -> None:
        """Renew what is ours and free what others lost, until told to stop."""
        while not idle.is_set():
            seen, pause_s = self._hints.leases.count, self._lease_s / 4
            try:
                await self.look()
            except TransientError as error:
                self._log.warning("lease renewal waits", reason=str(error))
                pause_s = min(pause_s, error.delay_s)
            await self._hints.leases.wait(seen, pause_s)

    async def look(self) -> None:
        """Renew what is ours and free what others lost, once.

        Raises
        ------
        TransientError
            When the database is away: then our claims run out.
        """
        loop = asyncio.get_running_loop()
        began_s, scopes = loop.time(), dict(self._scopes)
        async with self._database.transaction() as transaction:
            standing = await renew_claims(transaction, self._ours)
            lost = self._lost(await standing_claims(transaction), loop.time())
            recovered = await recover_tasks(transaction, lost) if lost else []
        for attempt, scope in scopes.items():
            until_s = began_s + self._lease_s if attempt in standing else began_s
            if attempt in self._scopes:
                _reschedule(scope, min(until_s, self._latest))
        if recovered:
            self._log.warning("tasks recovered", tasks=recovered)
            self._hints.tasks.give()

    def _lost(self, leases: set[Lease], now_s: float) -> list[Lease]:
        self._first_seen = {lease: self._first_seen.get(lease, now_s) for lease in leases}
        return [
            lease for lease, first_s in self._first_seen.items() if now_s - first_s > self._lease_s
        ]


def _reschedule(scope: asyncio.Timeout, when_s: float) -> None:
    if not scope.expired():  # asyncio refuses to expire one twice
        scope.reschedule(when_s)

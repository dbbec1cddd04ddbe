"""Keeps the claims of this daemon, and finds the claims that other daemons have lost.

No clock of day is asked, and no two clocks are compared. A claim is kept by renewing it; who has
seen the same renewal for longer than a lease, on a clock that nobody sets, takes it for lost. Its
owner stops working on it before that: a lease after it *began* its last renewal that went through;
if it is stopped itself, its worker does so alone.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.compute import Deadline
from eclgrmd.hints import Hints
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import (
    Attempt,
    Claim,
    Lease,
    recover_tasks,
    renew_claims,
    standing_claims,
)

__all__ = ["Leases"]


class _Run(NamedTuple):
    """Something of ours that is being computed, with the two that end it."""

    scope: asyncio.Timeout
    deadline: Deadline

    def end_at(self, when_s: float) -> None:
        if not self.scope.expired():  # asyncio refuses to expire one twice
            self.scope.reschedule(when_s)
            self.deadline.move(when_s)


class Leases:
    """Of one daemon."""

    def __init__(self, database: Database, hints: Hints, settings: LiveSettings) -> None:
        self._database = database
        self._hints = hints
        self._settings = settings
        self._ours: set[Attempt] = set()
        self._runs: dict[Attempt, _Run] = {}
        self._first_seen: dict[Lease, float] = {}
        self._latest = float("inf")
        self._log = structlog.get_logger("tasks")

    @property
    def _lease_s(self) -> float:
        return self._settings.now.tasks.lease_s

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
    async def while_valid(self, claim: Claim, since_s: float) -> AsyncIterator[Deadline]:
        """Be inside only while the claim, asked for at `since_s` on the loop's clock, is ours.

        Raises
        ------
        TimeoutError
            It no longer is, or the daemon stops.
        """
        attempt = claim.task_id, claim.attempt
        until_s = min(since_s + self._lease_s, self._latest)
        async with asyncio.timeout_at(until_s) as scope:
            self._runs[attempt] = _Run(scope, Deadline(until_s))
            try:
                yield self._runs[attempt].deadline
            finally:
                del self._runs[attempt]

    def end_by(self, latest_s: float) -> None:
        """Let no computation last longer than that."""
        self._latest = latest_s
        for run in self._runs.values():
            run.end_at(min(latest_s, run.deadline.until_s))

    async def keep(self, idle: asyncio.Event) -> None:
        """Renew what is ours and free what others lost, until told to stop."""

        async def look() -> float:
            await self.look()
            return self._period_s

        await poll(
            look,
            stage="task leases",
            stop=idle,
            hint=self._hints.leases,
            longest_s=self._period_s,
        )

    @property
    def _period_s(self) -> float:
        """Time between two renewals: three may fail before a claim is lost."""
        return self._lease_s / 4

    async def look(self) -> None:
        """Renew what is ours and free what others lost, once.

        Raises
        ------
        TransientError
            When the database is away: then our claims run out.
        """
        loop = asyncio.get_running_loop()
        began_s, runs = loop.time(), dict(self._runs)
        async with self._database.transaction() as transaction:
            standing = await renew_claims(transaction, self._ours)
            lost = self._lost(await standing_claims(transaction), loop.time())
            recovered = await recover_tasks(transaction, lost) if lost else []
        for attempt, run in runs.items():
            until_s = began_s + self._lease_s if attempt in standing else began_s
            if attempt in self._runs:
                run.end_at(min(until_s, self._latest))
        if recovered:
            self._log.warning("tasks recovered", tasks=recovered)
            self._hints.tasks.give()

    def _lost(self, leases: set[Lease], now_s: float) -> list[Lease]:
        self._first_seen = {lease: self._first_seen.get(lease, now_s) for lease in leases}
        return [
            lease for lease, first_s in self._first_seen.items() if now_s - first_s > self._lease_s
        ]

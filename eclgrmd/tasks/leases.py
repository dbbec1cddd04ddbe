"""Leases: renewal of this daemon's claims, and recovery of the claims that others have lost.

No wall clock is read, and no two clocks are compared. The owner renews its claim by raising a
counter. Another daemon that sees the same count for longer than a lease, by its own monotonic
clock, takes the claim for lost. The owner stops working before that: one lease after it began its
last successful renewal. If the owner's process is suspended, its worker stops by itself.
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
from eclgrmd.store.tasks.figures import FiguresClaim

from .watch import Watch

__all__ = ["Leases"]


class _Run(NamedTuple):
    """A computation for one of our claims, with the two limits that end it."""

    scope: asyncio.Timeout
    """Ends the waiting in the daemon."""
    deadline: Deadline
    """Ends the computation in the worker."""

    def end_at(self, when_s: float) -> None:
        if not self.scope.expired():  # asyncio refuses to expire one twice
            self.scope.reschedule(when_s)
            self.deadline.move(when_s)


class Leases:
    """Renews this daemon's task claims and takes over expired ones.

    Parameters
    ----------
    database
        The database with the tasks.
    hints
        Wake-ups of the stages.
    settings
        `tasks.lease_s` is read at each use.
    """

    def __init__(self, database: Database, hints: Hints, settings: LiveSettings) -> None:
        self._database = database
        self._hints = hints
        self._settings = settings
        self._ours: set[Attempt] = set()
        """Claims to renew."""
        self._runs: dict[Attempt, _Run] = {}
        """Computations to end when their claim is lost."""
        self._watch = Watch[Lease]()
        self._latest_s = float("inf")
        """Latest end of every computation, seconds of the loop's clock."""
        self._log = structlog.get_logger("tasks")

    @property
    def _lease_s(self) -> float:
        return self._settings.now.tasks.lease_s

    @contextmanager
    def renewed(self, claim: Claim | FiguresClaim) -> Iterator[None]:
        """Renew the claim for as long as the context is open."""
        attempt = claim.task_id, claim.attempt
        self._ours.add(attempt)
        try:
            yield
        finally:
            self._ours.remove(attempt)

    @asynccontextmanager
    async def while_valid(
        self, claim: Claim | FiguresClaim, since_s: float
    ) -> AsyncIterator[Deadline]:
        """Open a context that times out when the claim is lost or the daemon has to stop.

        Parameters
        ----------
        claim
            The claim.
        since_s
            When the claim was requested, seconds of the loop's clock.

        Yields
        ------
        Deadline
            The time limit of the computation, which the worker checks itself.

        Raises
        ------
        TimeoutError
            If the claim is lost, or the daemon stops.
        """
        attempt = claim.task_id, claim.attempt
        until_s = min(since_s + self._lease_s, self._latest_s)
        async with asyncio.timeout_at(until_s) as scope:
            self._runs[attempt] = _Run(scope, Deadline(until_s))
            try:
                yield self._runs[attempt].deadline
            finally:
                del self._runs[attempt]

    def end_by(self, latest_s: float) -> None:
        """End every computation at this time at the latest, seconds of the loop's clock."""
        self._latest_s = latest_s
        for run in self._runs.values():
            run.end_at(min(latest_s, run.deadline.until_s))

    async def keep(self, idle: asyncio.Event) -> None:
        """Renew claims and recover lost ones until `idle` is set: no task runs any more."""

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
        """Time between renewals, seconds: three may fail in a row before a claim is lost."""
        return self._lease_s / 4

    async def look(self) -> None:
        """Renew our claims and recover lost ones, once.

        Raises
        ------
        TransientError
            If the database is away; our claims then expire.
        """
        loop = asyncio.get_running_loop()
        began_s, runs = loop.time(), dict(self._runs)
        async with self._database.transaction() as transaction:
            standing = await renew_claims(transaction, self._ours)
            lost = self._watch.lost(await standing_claims(transaction), loop.time(), self._lease_s)
            recovered = await recover_tasks(transaction, lost) if lost else []
        for attempt, run in runs.items():
            until_s = began_s + self._lease_s if attempt in standing else began_s
            if attempt in self._runs:
                run.end_at(min(until_s, self._latest_s))
        if recovered:
            self._log.warning("tasks recovered", tasks=recovered)
            self._hints.tasks.give()

"""Leases of studies: renewal of this daemon's, and recovery of those that other daemons have lost.

As with tasks, a counter is raised and no clocks are compared. A study that was taken over is ended
by its fence: its former owner can record nothing.
"""

import asyncio

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.hints import Hints
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.studies import (
    StudyLease,
    recover_study,
    renew_studies,
    standing_studies,
)

from .watch import Watch

__all__ = ["StudyLeases"]


class StudyLeases:
    """Renews the studies that this daemon computes, and queues those that nobody renews.

    Parameters
    ----------
    database, hints, settings
        The resources of the daemon; `tasks.lease_s` is read at each use.
    owner
        Node id under which this daemon claims studies.
    """

    def __init__(
        self, database: Database, hints: Hints, settings: LiveSettings, *, owner: str
    ) -> None:
        self._database = database
        self._hints = hints
        self._settings = settings
        self._owner = owner
        self._watch = Watch[StudyLease]()
        self._log = structlog.get_logger("studies")

    async def keep(self, stop: asyncio.Event) -> None:
        """Renew and recover until the stop."""

        async def look() -> float:
            await self.look()
            return self._settings.now.tasks.lease_s / 4

        await poll(look, stage="study leases", stop=stop, hint=self._hints.leases)

    async def look(self) -> None:
        """Renew our studies and recover lost ones, once."""
        async with self._database.transaction() as transaction:
            await renew_studies(transaction, self._owner)
            leases = await standing_studies(transaction)
            now_s = asyncio.get_running_loop().time()
            lost = self._watch.lost(leases, now_s, self._settings.now.tasks.lease_s)
            recovered = [each.task_id for each in lost if await recover_study(transaction, each)]
        if recovered:
            self._log.warning("studies recovered", tasks=recovered)
            self._hints.studies.give()

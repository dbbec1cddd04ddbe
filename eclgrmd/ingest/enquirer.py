"""Queries of the mission database for the files of new bursts, and for files that tasks miss."""

import asyncio
import hashlib
from datetime import datetime, timedelta

import aiohttp
import msgspec
import structlog

from eclgrmd.aio.backoff import backoff_s
from eclgrmd.aio.polling import poll
from eclgrmd.clock import utc_now
from eclgrmd.errors import PermanentError, TransientError
from eclgrmd.hints import Hints
from eclgrmd.model.links import LinkPolicy
from eclgrmd.model.messages.incoming import DataNotification, FileLink
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.enquiries import (
    Enquiry,
    ask_again,
    claim_enquiry,
    tasks_wait,
    unknown_files,
)
from eclgrmd.store.intake.notifications import record_notification
from eclgrmd.store.sql.database import Database

from .links import link_policy
from .mdb import MdbAnswer, MissionDatabase

__all__ = ["Enquirer"]


class Enquirer:
    """Queries the mission database burst by burst, and repeats queries while files are missing."""

    def __init__(self, database: Database, hints: Hints, settings: LiveSettings) -> None:
        self._database = database
        self._hints = hints
        self._settings = settings
        self._log = structlog.get_logger("ingest")

    async def run(self, stop: asyncio.Event) -> None:
        """Query until a stop is requested, which interrupts a query that is under way."""
        async with (
            MissionDatabase.session(self._policy, self._settings.now.mdb) as session,
            asyncio.TaskGroup() as group,
        ):
            working = group.create_task(self._work(session, stop), name="enquiries")
            await stop.wait()
            working.cancel()

    async def _work(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        """Query as long as bursts are due; new files are fetched like those of a notification."""

        async def ask() -> float:
            mission = MissionDatabase(session, self._policy(), self._settings.now.mdb)
            return 0.0 if await self.ask_next(mission) else self._settings.now.tasks.poll_s

        await poll(ask, stage="enquirer", stop=stop, hint=self._hints.fetches)

    def _policy(self) -> LinkPolicy:
        return link_policy(self._settings.now)

    async def ask_next(self, mission: MissionDatabase) -> bool:
        """Query for the burst that has been due for longest; return False if none is due."""
        lease_s = 2 * self._settings.now.mdb.timeout_s
        async with self._database.transaction() as transaction:
            enquiry = await claim_enquiry(transaction, lease_s)
        if enquiry is None:
            return False
        try:
            answer = await mission.files_of(enquiry.burst_id, enquiry.trigger_utc)
            await self._record(enquiry, answer)
        except (TransientError, PermanentError) as error:
            self._log.warning(
                "mission database query failed", burst_id=enquiry.burst_id, reason=str(error)
            )
            async with self._database.transaction() as transaction:
                ask_again(transaction, enquiry.burst_id, self._later(enquiry), str(error))
        return True

    async def _record(self, enquiry: Enquiry, answer: MdbAnswer) -> None:
        burst_id = enquiry.burst_id
        async with self._database.transaction() as transaction:
            missing = await tasks_wait(transaction, burst_id)
            new = await unknown_files(transaction, burst_id, answer.files, missing)
            if new:
                await record_notification(transaction, _notification(burst_id, answer, new))
            lacking = sorted(set(missing) - {file.name for file in answer.files})
            reason = f"the mission database has no {', '.join(lacking)}" if lacking else ""
            again_at = self._later(enquiry) if missing else None
            ask_again(transaction, burst_id, again_at, reason)
        self._log.info(
            "mission database queried",
            burst_id=burst_id,
            files=len(answer.files),
            new=[file.name for file in new],
            missing=lacking,
        )
        if new:
            self._hints.fetches.give()

    def _later(self, enquiry: Enquiry) -> datetime:
        """Return when to repeat the query: soon at first, then less and less often."""
        settings = self._settings.now.mdb
        pause_s = backoff_s(settings.retry_s, enquiry.asked, settings.longest_retry_s)
        return utc_now() + timedelta(seconds=pause_s)


def _notification(burst_id: str, answer: MdbAnswer, new: tuple[FileLink, ...]) -> DataNotification:
    digest = hashlib.sha256(msgspec.json.encode(new)).hexdigest()
    return DataNotification(
        id=f"mdb.{burst_id[:60]}.{digest[:16]}",
        burst_id=burst_id,
        files=new,
        trigger_utc=answer.trigger_utc,
    )

"""Outbox to NATS: in order, until acknowledged, with the same message id at every try."""

import asyncio

import msgspec
import structlog

from eclgrmd.bus import Bus
from eclgrmd.errors import TransientError
from eclgrmd.model.messages_v1 import subject_of
from eclgrmd.store.database import Database
from eclgrmd.store.hints import Hints
from eclgrmd.store.outbox import Announcement, mark_published, unpublished

from .envelope import Envelope

__all__ = ["Relay"]

_BATCH = 100
_QUIET_S = 0.05
"""When so long nothing new came, what was published is marked: commits cost others time."""


class Relay:
    """Runs until it is told to stop, and then until nothing is left or nothing goes any more."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        hints: Hints,
        envelope: Envelope,
        *,
        subject: str,
        poll_s: float,
    ) -> None:
        self._database = database
        self._bus = bus
        self._hints = hints
        self._envelope = envelope
        self._subject = subject
        self._poll_s = poll_s
        self._unmarked: dict[int, None] = {}
        """What NATS has acknowledged and the outbox does not know yet, in order."""
        self._log = structlog.get_logger("announce")

    async def run(self, stop: asyncio.Event) -> None:
        """Publish what is unpublished, again and again."""
        while True:
            seen = self._hints.announcements.count
            try:
                if await self.publish_batch() or await self._more_comes(seen):
                    continue
                await self._mark()
            except TransientError as error:
                self._log.warning("announcing waits", reason=str(error))
            if stop.is_set():
                return
            await self._hints.announcements.wait(seen, self._poll_s)

    async def publish_batch(self) -> int:
        """Publish the oldest announcements; give their number.

        Raises
        ------
        TransientError
            When the database or NATS is away; what was published meanwhile is remembered.
        """
        if len(self._unmarked) >= _BATCH:
            await self._mark()
        async with self._database.transaction() as transaction:
            found = await unpublished(transaction, _BATCH + len(self._unmarked))
        new = [each for each in found if each.outbox_id not in self._unmarked]
        for each in new:
            await self._publish(each)
            self._unmarked[each.outbox_id] = None
        return len(new)

    async def _publish(self, each: Announcement) -> None:
        """Publish in version 0, then in version 1: what stops in between is done again."""
        message = self._envelope.message(each.activity, each.note, each.created_at)
        await self._bus.publish(
            self._subject, msgspec.json.encode(message), message_id=each.message_id
        )
        if each.typed is not None:
            typed = self._envelope.typed(each.typed)
            await self._bus.publish(
                subject_of(typed), msgspec.json.encode(typed), message_id=typed.id
            )

    async def _more_comes(self, seen: int) -> bool:
        """Tell whether there is something new before it has been quiet for a moment."""
        if self._unmarked:
            await self._hints.announcements.wait(seen, _QUIET_S)
        return self._hints.announcements.count != seen

    async def _mark(self) -> None:
        if self._unmarked:
            async with self._database.transaction() as transaction:
                await mark_published(transaction, list(self._unmarked))
            self._unmarked.clear()

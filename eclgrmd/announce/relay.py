"""Outbox to NATS: in order, until acknowledged, with the same message id at every try."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import structlog

from eclgrmd.bus import Bus
from eclgrmd.errors import EclgrmdError, PermanentError, TransientError
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages import ProductsActivity, TaskActivity
from eclgrmd.model.messages_v1 import subject_of
from eclgrmd.store.announcement import Announcement, change_id
from eclgrmd.store.database import Database, utc_now
from eclgrmd.store.faults import refuse_announcement
from eclgrmd.store.hints import Hints
from eclgrmd.store.outbox import mark_published, unpublished

from .envelope import Envelope

__all__ = ["Relay"]

_BATCH = 200
_REMEMBERED = 10_000
"""Message ids: enough to know, at the end of a task, that its begin has gone."""
_GATHER_S = 0.01
"""How long what tells of things on their way waits for company: a task that comes is queued and
begun within that, and should not wait for its announcements."""
_QUIET_S = 0.5
"""When so long nothing new came, what was published is marked: commits cost others time."""


class Saying(NamedTuple):
    """What is published of an announcement."""

    subject: str
    payload: bytes
    message_id: str


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
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._bus = bus
        self._hints = hints
        self._envelope = envelope
        self._subject = subject
        self._poll_s = poll_s
        self._metrics = metrics
        self._acknowledged: dict[str, None] = {}
        """The last message ids that NATS has acknowledged, in order."""
        self._unmarked: dict[str, None] = {}
        """Those that the outbox does not know yet."""
        self._log = structlog.get_logger("announce")

    async def run(self, stop: asyncio.Event) -> None:
        """Publish what is unpublished, again and again."""
        while True:
            seen, results = self._hints.announcements.count, self._hints.results.count
            try:
                await self._publish(self._handed())
                if await self.publish_batch() == _BATCH:
                    continue
                if await self._more_comes(seen):
                    await self._hints.results.wait(results, _GATHER_S)
                    continue
                await self._mark()
            except TransientError as error:
                self._log.warning("announcing waits", reason=str(error))
            if stop.is_set():
                return
            await self._hints.announcements.wait(seen, self._poll_s)
            await self._hints.results.wait(results, _GATHER_S)

    async def publish_batch(self) -> int:
        """Publish the oldest announcements; give their number.

        Those of one task go one after the other, those of different tasks side by side.

        Raises
        ------
        TransientError
            When the database or NATS is away; what was published meanwhile is remembered.
        """
        if len(self._unmarked) >= _BATCH:
            await self._mark()
        async with self._database.reading() as transaction:
            new = await unpublished(transaction, _BATCH, besides=tuple(self._unmarked))
        await self._publish(new)
        return len(new)

    def _handed(self) -> list[Announcement]:
        """Give what was handed to us by those who wrote it, where nothing can be overtaken by it.

        All else is found in the table, where this one stays too until it is marked.
        """
        handed, self._hints.handed = self._hints.handed, []
        return [each for together in handed if self._is_next(together) for each in together]

    def _is_next(self, together: list[Announcement]) -> bool:
        """Tell whether NATS has acknowledged all before these, and none of them."""
        own = {each.message_id for each in together}
        before = {name for each in together if (name := _before(each))} - own
        return own.isdisjoint(self._acknowledged) and before <= self._acknowledged.keys()

    async def _publish(self, new: list[Announcement]) -> None:
        chains: dict[str, list[Announcement]] = {}
        for each in new:
            chains.setdefault(_chain_of(each), []).append(each)
        async with asyncio.TaskGroup() as group:
            publishing = [
                group.create_task(self._publish_chain(chain), name=f"announce {name}")
                for name, chain in chains.items()
            ]
        if troubles := [trouble for task in publishing if (trouble := task.result())]:
            raise troubles[0]

    async def _publish_chain(self, chain: list[Announcement]) -> TransientError | None:
        """Publish in order; give what kept one, and all behind it, from going."""
        for together in _parted(chain):
            # NATS delivers what comes together when all of it is on its disk: so one form first.
            told = [await self._say_all(together, form) for form in (self._founding, self._typed)]
            for each, *troubles in zip(together, *told, strict=True):
                if trouble := await self._settle(each, list(filter(None, troubles))):
                    return trouble
        return None

    async def _say_all(
        self, together: list[Announcement], form: Callable[[Announcement], Saying | None]
    ) -> list[EclgrmdError | None]:
        """Publish side by side, in this order; give what kept each from going."""
        async with asyncio.TaskGroup() as group:
            saying = [
                group.create_task(self._say(form(each)), name=each.message_id) for each in together
            ]
        return [task.result() for task in saying]

    def _founding(self, each: Announcement) -> Saying:
        """Put it into the founding form."""
        message = self._envelope.message(each.activity, each.note, each.created_at)
        return Saying(self._subject, msgspec.json.encode(message), each.message_id)

    def _typed(self, each: Announcement) -> Saying | None:
        """Put it into version 1."""
        if each.typed is None:
            return None
        typed = self._envelope.typed(each.typed)
        return Saying(subject_of(typed), msgspec.json.encode(typed), typed.id)

    async def _say(self, saying: Saying | None) -> EclgrmdError | None:
        if saying is None:
            return None
        try:
            await self._bus.publish(*saying)
        except (PermanentError, TransientError) as trouble:
            return trouble
        return None

    async def _settle(
        self, each: Announcement, troubles: list[EclgrmdError]
    ) -> TransientError | None:
        """Take note that an announcement has gone, or never will; give why it has to go again."""
        # What can never be said weighs more than what may go the next time.
        worst = max(troubles, key=lambda each: isinstance(each, PermanentError), default=None)
        if isinstance(worst, TransientError):
            return worst
        if worst is not None:
            return await self._refuse(each, str(worst))
        took_s = (utc_now() - each.created_at).total_seconds()
        self._metrics.stages.labels("announce").observe(took_s)
        self._unmarked[each.message_id] = self._acknowledged[each.message_id] = None
        if len(self._acknowledged) > _REMEMBERED:
            del self._acknowledged[next(iter(self._acknowledged))]
        return None

    async def _refuse(self, each: Announcement, reason: str) -> TransientError | None:
        """Give up on an announcement: who waits for it has to look, but all else goes on."""
        self._log.error("announcement refused", message=each.message_id, reason=reason)
        try:
            async with self._database.transaction() as transaction:
                refuse_announcement(transaction, each, reason)
        except TransientError as trouble:
            return trouble
        self._hints.announcements.give()
        return None

    async def _more_comes(self, seen: int) -> bool:
        """Tell whether there is something new before it has been quiet for a moment."""
        if self._unmarked:
            await self._hints.announcements.wait(seen, _QUIET_S)
        return self._hints.announcements.count != seen

    async def _mark(self) -> None:
        if self._unmarked:
            marked = tuple(self._unmarked)
            async with self._database.transaction() as transaction:
                mark_published(transaction, marked)
            for message_id in marked:
                del self._unmarked[message_id]


def _chain_of(announcement: Announcement) -> str:
    """Name what an announcement must stay in order with."""
    match announcement.activity:
        case TaskActivity(task_id=task_id) | ProductsActivity(task_id=task_id):
            return task_id
        case _:
            return announcement.message_id


def _before(announcement: Announcement) -> str:
    """Name the announcement that this one must not overtake; empty: there is none."""
    match announcement.activity:
        case TaskActivity(task_id=task_id, number=number) if number > 1:
            return change_id(task_id, number - 1)
        case _:
            return ""


def _parted(chain: list[Announcement]) -> list[list[Announcement]]:
    """Part a chain before each change of a state: what NATS has not acknowledged is not overtaken.

    What follows on a change, such as the products of the task that it ended, is sent right behind
    it: on one connection that keeps the order too, and who waits for products has them sooner.
    """
    parts: list[list[Announcement]] = []
    for each in chain:
        if not parts or isinstance(each.activity, TaskActivity):
            parts.append([])
        parts[-1].append(each)
    return parts

"""Publishes the outbox on NATS: in order, until acknowledged, always by the same message id."""

import asyncio
from collections.abc import Sequence

import structlog

from eclgrmd.aio.backoff import backoff_s
from eclgrmd.aio.polling import poll
from eclgrmd.bus import Bus
from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages.facts import TaskFact
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.dead_letters import bury_announcement
from eclgrmd.store.intake.outbox import (
    LONGEST_POSTPONED_S,
    fresh_announcements,
    mark_published,
    postpone_announcement,
    postponed_announcements,
)
from eclgrmd.store.sql.announcement import Announcement, Form, change_id
from eclgrmd.store.sql.database import Database

from .envelope import Envelope
from .speaker import Attempt, Speaker

__all__ = ["Relay"]

_BATCH = 200
_REMEMBERED = 10_000
"""Message ids: enough to know, at the end of a task, that its begin has gone."""
_GATHER_S = 0.01
"""Seconds that announcements wait to be published together, unless a result is among them. A task
is submitted, queued and started within that time, and must not wait for its announcements."""
_QUIET_S = 0.5
"""Seconds without anything new before rows are marked as published: a commit costs others time."""
_MOST_OWN_FAILURES = 20
"""Failures of an announcement, each while NATS took others in the same form, until it is dead.
With the pauses between them they take a quarter of an hour."""


_LONGEST_PAUSE_S = 2.0
"""Between two tries while the database or NATS is away: somebody waits for the results."""


class Relay:
    """Publishes announcements, fresh ones in one lane and postponed ones in another.

    After the stop it goes on until nothing fresh is left or publishing fails.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        hints: Hints,
        envelope: Envelope,
        *,
        subject: str,
        settings: LiveSettings,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._bus = bus
        self._hints = hints
        self._speaker = Speaker(bus, envelope, subject)
        self._settings = settings
        self._metrics = metrics
        self._acknowledged: dict[str, None] = {}
        """The last message ids that NATS has acknowledged, oldest first."""
        self._unmarked: dict[str, None] = {}
        """Acknowledged message ids whose rows are not marked yet."""
        self._results_seen = 0
        """Count of the hint `results` when the last round began."""
        self._own_failures: dict[str, tuple[int, dict[Form, int]]] = {}
        """Failures of an announcement while others were published, and how many were by then."""
        self._log = structlog.get_logger("announce")

    async def run(self, stop: asyncio.Event) -> None:
        """Publish in both lanes."""
        async with asyncio.TaskGroup() as lanes:
            fresh = poll(
                self._publish_fresh,
                stage="announcements",
                stop=stop,
                hint=self._hints.announcements,
                longest_s=_LONGEST_PAUSE_S,
                drain=True,
            )
            lanes.create_task(fresh, name="announce what is fresh")
            postponed = poll(
                self._publish_due,
                stage="postponed announcements",
                stop=stop,
                hint=self._hints.settings,
            )
            lanes.create_task(postponed, name="announce what was postponed")

    async def _publish_fresh(self) -> float:
        """Publish what is fresh, after a short wait for more."""
        await self._hints.results.wait(self._results_seen, _GATHER_S)
        seen, self._results_seen = self._hints.announcements.count, self._hints.results.count
        await self._publish(self._handed())
        if await self.publish_batch() == _BATCH or await self._more_comes(seen):
            return 0.0
        await self._mark()
        return self._settings.now.tasks.poll_s

    async def _publish_due(self) -> float:
        """Publish what was postponed and is due again."""
        if not await self.publish_postponed():
            return self._settings.now.tasks.poll_s
        # What had to stay in order with it is fresh now.
        self._hints.announcements.give()
        return 0.0

    async def publish_batch(self) -> int:
        """Publish the oldest fresh announcements and return their number.

        Those of one task are published in order, those of different tasks concurrently.

        Raises
        ------
        TransientError
            When the database or NATS is away; what was published meanwhile is remembered.
        """
        if len(self._unmarked) >= _BATCH:
            await self._mark()
        async with self._database.reading() as transaction:
            new = await fresh_announcements(transaction, _BATCH, besides=tuple(self._unmarked))
        await self._publish(new)
        return len(new)

    async def publish_postponed(self) -> bool:
        """Publish what was postponed and is due again; return whether anything was published.

        Raises
        ------
        TransientError
            When the database or NATS is away.
        """
        async with self._database.reading() as transaction:
            due = await postponed_announcements(transaction, _BATCH)
        self._check_connection(due)
        attempts = await self._speaker.publish(due)
        gone = await self._settle(attempts)
        if gone:
            async with self._database.transaction() as transaction:
                mark_published(transaction, gone)
        for message_id in gone:
            self._unmarked.pop(message_id, None)
        return bool(gone)

    def _handed(self) -> list[Announcement]:
        """Return the announcements handed over by their writers that overtake no others.

        The rest is read from the table. These rows stay there, too, until they are marked.
        """
        handed, self._hints.handed = self._hints.handed, []
        return [each for together in handed if self._is_next(together) for each in together]

    def _is_next(self, together: list[Announcement]) -> bool:
        """Return whether NATS has acknowledged all that come before these, and none of them."""
        own = {each.message_id for each in together}
        before = {name for each in together if (name := _before(each))} - own
        return own.isdisjoint(self._acknowledged) and before <= self._acknowledged.keys()

    async def _publish(self, new: Sequence[Announcement]) -> None:
        """Publish fresh announcements, each chain in its order up to the first failure."""
        self._check_connection(new)
        chains: dict[str, list[Announcement]] = {}
        for each in new:
            chains.setdefault(each.chain, []).append(each)
        async with asyncio.TaskGroup() as group:
            publishing = [
                group.create_task(self._publish_chain(chain), name=f"announce {name}")
                for name, chain in chains.items()
            ]
        await self._settle([attempt for task in publishing for attempt in task.result()])

    def _check_connection(self, wanted: Sequence[Announcement]) -> None:
        if wanted and not self._bus.connected:
            raise TransientError("NATS is not connected")

    async def _publish_chain(self, chain: list[Announcement]) -> list[Attempt]:
        attempts: list[Attempt] = []
        for together in _parted(chain):
            attempts += await self._speaker.publish(together)
            if any(attempt.failed for attempt in attempts):
                break
        return attempts

    async def _settle(self, attempts: Sequence[Attempt]) -> tuple[str, ...]:
        """Record what was published, postpone failures, bury what NATS refused; return the first.

        Raises
        ------
        TransientError
            When the database is away; what has gone is remembered.
        """
        gone = tuple(self._gone(each) for each in attempts if not (each.failed or each.refused))
        left = [each for each in attempts if each.failed or each.refused]
        if left:
            dead = {each.announcement.message_id: self._end_of(each) for each in left}
            async with self._database.transaction() as transaction:
                for each in left:
                    held, reason = each.announcement, dead[each.announcement.message_id]
                    if reason:
                        bury_announcement(transaction, held, reason)
                    else:
                        delay_s = backoff_s(1.0, held.failures, LONGEST_POSTPONED_S)
                        postpone_announcement(transaction, held, each.told, delay_s=delay_s)
            self._tell_of(left, dead)
        return gone

    def _gone(self, attempt: Attempt) -> str:
        each = attempt.announcement
        took_s = (utc_now() - each.created_at).total_seconds()
        self._metrics.stages.labels("announce").observe(took_s)
        self._unmarked[each.message_id] = self._acknowledged[each.message_id] = None
        self._own_failures.pop(each.message_id, None)
        if len(self._acknowledged) > _REMEMBERED:
            del self._acknowledged[next(iter(self._acknowledged))]
        return each.message_id

    def _end_of(self, attempt: Attempt) -> str:
        """Return why an announcement is dead; empty: it is to be published again."""
        message_id = attempt.announcement.message_id
        if attempt.refused and not attempt.failed:
            self._own_failures.pop(message_id, None)
            return attempt.refused
        times, seen = self._own_failures.get(message_id, (0, {}))
        now = {form: self._speaker.acknowledged[form] for form in attempt.failed}
        # While nothing goes in this form the fault is not the announcement's.
        times += all(count > seen.get(form, count) for form, count in now.items())
        if times < _MOST_OWN_FAILURES:
            self._own_failures[message_id] = times, now
            return ""
        self._own_failures.pop(message_id, None)
        reasons = "; ".join(str(why) for why in attempt.failed.values())
        return f"failed {times} times while others went: {reasons}"

    def _tell_of(self, left: Sequence[Attempt], dead: dict[str, str]) -> None:
        for message_id, reason in dead.items():
            if reason:
                self._log.error("announcement given up", message=message_id, reason=reason)
        if postponed := [each for each in left if not dead[each.announcement.message_id]]:
            first = next(iter(postponed[0].failed.values()))
            self._log.warning(
                "announcements postponed",
                number=len(postponed),
                first=postponed[0].announcement.message_id,
                reason=str(first),
            )
        if any(dead.values()):
            self._hints.announcements.give()

    async def _more_comes(self, seen: int) -> bool:
        """Return whether something new comes within the quiet time."""
        if self._unmarked:
            await self._hints.announcements.wait(seen, _QUIET_S)
        return self._hints.announcements.count != seen

    async def _mark(self) -> None:
        if self._unmarked:
            marked = tuple(self._unmarked)
            async with self._database.transaction() as transaction:
                mark_published(transaction, marked)
            for message_id in marked:
                self._unmarked.pop(message_id, None)


def _before(announcement: Announcement) -> str:
    """Return the id of the announcement that this one must not overtake; empty: there is none."""
    match announcement.fact:
        case TaskFact(task_id=task_id, number=number) if number > 1:
            return change_id(task_id, number - 1)
        case _:
            return ""


def _parted(chain: list[Announcement]) -> list[list[Announcement]]:
    """Split a chain before each change of state, which waits for the acknowledgement of the last.

    Products are sent right behind the change that ended their task, without that wait: one
    connection keeps their order, and clients have the products sooner.
    """
    parts: list[list[Announcement]] = []
    for each in chain:
        if not parts or isinstance(each.fact, TaskFact):
            parts.append([])
        parts[-1].append(each)
    return parts

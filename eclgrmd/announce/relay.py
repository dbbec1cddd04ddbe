"""The relay of the outbox: publishes announcements in order until NATS acknowledges them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from eclgrmd.aio.backoff import backoff_s
from eclgrmd.aio.polling import poll
from eclgrmd.bus import Bus
from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages.facts import ProductsFact, TaskFact
from eclgrmd.model.task import FiguresState
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.dead_letters import bury_announcement
from eclgrmd.store.intake.outbox import (
    LONGEST_POSTPONED_S,
    fresh_announcements,
    mark_published,
    postpone_announcement,
    postponed_announcements,
)
from eclgrmd.store.sql.announcement import (
    Announcement,
    Form,
    change_id,
    figures_id,
    products_id,
)
from eclgrmd.store.sql.database import Database

from .envelope import Envelope
from .publisher import Attempt, Publisher

__all__ = ["Relay"]

_BATCH = 200
"""Most announcements that are read and published at a time."""
_REMEMBERED = 10_000
"""Acknowledged message ids to remember: more than are published between begin and end of a task."""
_GATHER_S = 0.01
"""Time that announcements are gathered before they are published together, seconds. A result ends
it early. A task is submitted, queued and started within it, undelayed by its announcements."""
_QUIET_S = 0.5
"""Time without new announcements before rows are marked as published, seconds: the commit would
delay other transactions."""
_MOST_OWN_FAILURES = 20
"""Failures, each while NATS took others in the same form, after which an announcement is a dead
letter. With the delays between them they take about a quarter of an hour."""
_LONGEST_PAUSE_S = 2.0
"""Longest pause between attempts while the database or NATS is away: clients wait for results."""
_FIRST_DELAY_S = 1.0
"""Delay after the first failure of an announcement; doubled with each further one."""


class Relay:
    """Publishes fresh and postponed announcements in two independent lanes.

    After a stop it goes on until no fresh announcement is left or publishing fails.
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
        self._publisher = Publisher(bus, envelope, subject)
        self._settings = settings
        self._metrics = metrics
        self._acknowledged: dict[str, None] = {}
        """Acknowledged message ids, oldest first, as an ordered set."""
        self._unmarked: dict[str, None] = {}
        """Acknowledged message ids whose rows are not marked as published yet."""
        self._results_seen = 0
        """Count of the hint `results` when the last round began."""
        self._own_failures: dict[str, tuple[int, dict[Form, int]]] = {}
        """By message id: failures while others succeeded, and the number of acknowledged messages
        by form at the last failure."""
        self._log = structlog.get_logger("announce")

    async def run(self, stop: asyncio.Event) -> None:
        """Publish in both lanes until a stop is requested."""
        async with asyncio.TaskGroup() as lanes:
            fresh = poll(
                self._publish_fresh,
                stage="announcements",
                stop=stop,
                hint=self._hints.announcements,
                longest_s=_LONGEST_PAUSE_S,
                drain=True,
            )
            lanes.create_task(fresh, name="fresh announcements")
            postponed = poll(
                self._publish_due,
                stage="postponed announcements",
                stop=stop,
                hint=self._hints.settings,
            )
            lanes.create_task(postponed, name="postponed announcements")

    async def _publish_fresh(self) -> float:
        """Gather and publish fresh announcements; return the pause before the next round."""
        await self._hints.results.wait(self._results_seen, _GATHER_S)
        seen, self._results_seen = self._hints.announcements.count, self._hints.results.count
        await self._publish(self._handed_over())
        if await self.publish_batch() == _BATCH or await self._more_comes(seen):
            return 0.0
        await self._mark()
        return self._settings.now.tasks.poll_s

    async def _publish_due(self) -> float:
        """Publish postponed announcements that are due; return the pause before the next round."""
        if not await self.publish_postponed():
            return self._settings.now.tasks.poll_s
        # The rest of their chains can now be published.
        self._hints.announcements.give()
        return 0.0

    async def publish_batch(self) -> int:
        """Publish the oldest fresh announcements and return their number.

        Those of one task are published in order, those of different tasks concurrently.

        Raises
        ------
        TransientError
            If the database or NATS is away. Announcements published before are remembered.
        """
        if len(self._unmarked) >= _BATCH:
            await self._mark()
        async with self._database.reading() as transaction:
            new = await fresh_announcements(transaction, _BATCH, published=tuple(self._unmarked))
        await self._publish(new)
        return len(new)

    async def publish_postponed(self) -> bool:
        """Publish postponed announcements that are due; return whether any was published.

        Raises
        ------
        TransientError
            If the database or NATS is away.
        """
        async with self._database.reading() as transaction:
            due = await postponed_announcements(transaction, _BATCH)
        self._check_connection(due)
        attempts = await self._publisher.publish(due)
        published = await self._settle(attempts)
        if published:
            async with self._database.transaction() as transaction:
                mark_published(transaction, published)
        for message_id in published:
            self._unmarked.pop(message_id, None)
        return bool(published)

    def _handed_over(self) -> list[Announcement]:
        """Return the results handed over in memory whose predecessors are all published.

        Reading them from the table would take longer. The others are read from there; the rows of
        these stay unmarked until they are acknowledged.
        """
        handed_over, self._hints.handed_over = self._hints.handed_over, []
        return [each for together in handed_over if self._is_next(together) for each in together]

    def _is_next(self, together: list[Announcement]) -> bool:
        """Return whether NATS has acknowledged all predecessors of these, and none of these."""
        own = {each.message_id for each in together}
        before = {name for each in together if (name := _predecessor(each))} - own
        return own.isdisjoint(self._acknowledged) and before <= self._acknowledged.keys()

    async def _publish(self, new: Sequence[Announcement]) -> None:
        """Publish fresh announcements concurrently, each chain in order up to its first failure."""
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
        for together in _split(chain):
            attempts += await self._publisher.publish(together)
            if any(attempt.failed for attempt in attempts):
                break
        return attempts

    async def _settle(self, attempts: Sequence[Attempt]) -> tuple[str, ...]:
        """Postpone failed announcements and bury refused ones; return the ids of published ones.

        Raises
        ------
        TransientError
            If the database is away. Published announcements are remembered nevertheless.
        """
        published = tuple(
            self._record_published(each) for each in attempts if not (each.failed or each.refused)
        )
        left = [each for each in attempts if each.failed or each.refused]
        if left:
            dead = {each.announcement.message_id: self._why_dead(each) for each in left}
            async with self._database.transaction() as transaction:
                for each in left:
                    held, reason = each.announcement, dead[each.announcement.message_id]
                    if reason:
                        bury_announcement(transaction, held, reason)
                    else:
                        delay_s = backoff_s(_FIRST_DELAY_S, held.failures, LONGEST_POSTPONED_S)
                        postpone_announcement(transaction, held, each.acknowledged, delay_s=delay_s)
            self._report(left, dead)
        return published

    def _record_published(self, attempt: Attempt) -> str:
        """Note that an announcement is published and return its message id."""
        each = attempt.announcement
        took_s = (utc_now() - each.created_at).total_seconds()
        self._metrics.stages.labels("announce").observe(took_s)
        self._measure(each)
        self._unmarked[each.message_id] = self._acknowledged[each.message_id] = None
        self._own_failures.pop(each.message_id, None)
        if len(self._acknowledged) > _REMEMBERED:
            del self._acknowledged[next(iter(self._acknowledged))]
        return each.message_id

    def _measure(self, announcement: Announcement) -> None:
        """Record the time until a result, or all products of a task, were announced."""
        fact = announcement.fact
        if not isinstance(fact, ProductsFact) or not fact.ready_at:
            return
        took_s = (utc_now() - datetime.fromisoformat(fact.ready_at[:-1])).total_seconds()
        if announcement.message_id == products_id(fact.task_id):
            self._metrics.announced.labels("numbers").observe(took_s)
        if fact.figures in {FiguresState.NONE, FiguresState.DONE}:
            self._metrics.announced.labels("products").observe(took_s)

    def _why_dead(self, attempt: Attempt) -> str:
        """Return why an announcement is given up; empty: it is published again later."""
        message_id = attempt.announcement.message_id
        if attempt.refused and not attempt.failed:
            self._own_failures.pop(message_id, None)
            return attempt.refused
        times, seen = self._own_failures.get(message_id, (0, {}))
        now = {form: self._publisher.acknowledged[form] for form in attempt.failed}
        # While NATS takes no message in this form, the fault is not in the announcement.
        times += all(count > seen.get(form, count) for form, count in now.items())
        if times < _MOST_OWN_FAILURES:
            self._own_failures[message_id] = times, now
            return ""
        self._own_failures.pop(message_id, None)
        reasons = "; ".join(str(why) for why in attempt.failed.values())
        return f"failed {times} times while others went: {reasons}"

    def _report(self, left: Sequence[Attempt], dead: dict[str, str]) -> None:
        """Log what was given up or postponed; wake the lane that announces what was given up."""
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
        """Return whether new announcements come within the quiet time."""
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


def _predecessor(announcement: Announcement) -> str:
    """Return the id of the announcement that this one must not overtake; empty if there is none."""
    match announcement.fact:
        case TaskFact(task_id=task_id, number=number) if number > 1:
            return change_id(task_id, number - 1)
        case ProductsFact(task_id=task_id) if announcement.message_id == figures_id(task_id):
            return products_id(task_id)
        case _:
            return ""


def _split(chain: list[Announcement]) -> list[list[Announcement]]:
    """Split a chain into parts that each wait for the acknowledgement of the previous one.

    A part begins with each state change. Products follow the change to DONE without waiting: the
    connection preserves their order, and clients receive them sooner.
    """
    parts: list[list[Announcement]] = []
    for each in chain:
        if not parts or isinstance(each.fact, TaskFact):
            parts.append([])
        parts[-1].append(each)
    return parts

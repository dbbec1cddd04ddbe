"""The feed of live events: what is announced, for clients that stay connected.

All daemons write their announcements to one outbox, so that each of them can serve all events. The
number of an announcement is given when its row is inserted, and the row is seen once its
transaction is committed: a smaller number may appear after a larger one. The feed therefore keeps
two things: a mark, below which nothing can appear any more, and the numbers seen above it. A client
that comes again with its last mark misses nothing; it may receive the newest events twice.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple

import msgspec

from eclgrmd.aio.polling import Hint, poll
from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError
from eclgrmd.hints import Hints
from eclgrmd.model.messages.version1 import MessageV1
from eclgrmd.store.intake.outbox import (
    Numbered,
    announcements_after,
    numbers_after,
    oldest_number,
    settled_number,
)
from eclgrmd.store.sql.database import Database

from .envelope import Envelope

__all__ = ["Event", "Feed", "LostError", "Selection", "Subscription"]

_SETTLED_S = 20.0
"""Age at which an announcement has no smaller number still to come, seconds: longer than any
transaction that announces lasts."""
_POLL_S = 1.0
"""Longest pause between two looks at the outbox: other daemons give no hints."""
_PAGE = 200
"""Most announcements that are read at a time."""
_MOST_WAITING = 1000
"""Events that may wait for one client. A client that falls further behind is disconnected; it
catches up from the database when it comes again."""


class Event(NamedTuple):
    """A message of version 1 on its way to clients."""

    number: int
    """Number of its announcement; 0: a status, which is not kept."""
    kind: str
    """Its schema without `eclgrm.`: data, task, products, vhf, vhf-products, burst, error,
    status."""
    burst_id: str
    """The burst; empty: it is about none."""
    task_id: str
    """The task; empty: it is about none."""
    payload: bytes
    """The message as JSON."""


class Selection(NamedTuple):
    """The events that a client wants; an empty field selects all."""

    kinds: Collection[str] = ()
    """Kinds of events."""
    burst_id: str = ""
    """Events about this burst only."""
    task_id: str = ""
    """Events about this task only."""

    def holds(self, event: Event) -> bool:
        """Return whether the client wants an event."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and (not self.burst_id or event.burst_id == self.burst_id)
            and (not self.task_id or event.task_id == self.task_id)
        )


class LostError(TransientError):
    """A client reads more slowly than events come, or the service stops."""


class Subscription:
    """One client's view of the feed.

    Parameters
    ----------
    feed
        The feed.
    selection
        The events that the client wants.
    """

    def __init__(self, feed: "Feed", selection: Selection) -> None:
        self._feed = feed
        self._selection = selection
        self._waiting: deque[tuple[Event, int]] = deque()
        """Events to come, each with the feed's mark when it was handed over: all up to that mark
        come before it."""
        self._news = Hint()
        self._lost = ""
        self._settled, self._seen = feed.mark, feed.seen
        self.mark = self._settled
        """Number after which the client misses nothing when it comes again."""

    def put(self, event: Event) -> None:
        """Hand over an event that the client may want."""
        if self._lost or not self._selection.holds(event):
            return
        if len(self._waiting) >= _MOST_WAITING:
            self.lose("the client reads more slowly than events come")
            return
        self._waiting.append((event, self._feed.mark))
        self._news.give()

    def lose(self, why: str) -> None:
        """End the subscription."""
        self._lost = why
        self._waiting.clear()
        self._news.give()

    async def next(self, limit_s: float) -> Event | None:
        """Wait for the next event; return None if none came within the limit.

        Raises
        ------
        LostError
            If the subscription has ended.
        """
        seen = self._news.count
        if not self._waiting and not self._lost:
            await self._news.wait(seen, limit_s)
        if self._lost:
            raise LostError(self._lost)
        if not self._waiting:
            self.mark = self._feed.mark
            return None
        event, self.mark = self._waiting.popleft()
        return event

    async def missed(self, after: int) -> AsyncGenerator[Event]:
        """Yield the selected events after this number that were announced before the subscription.

        Call it once, before `next`, which yields all others.
        """
        last = max(self._seen, default=self._settled)
        while after < last:
            page = await self._feed.page(after)
            if not page:
                break
            for event in page:
                after = event.number
                self.mark = min(after, self._settled)
                earlier = after <= self._settled or after in self._seen
                if earlier and self._selection.holds(event):
                    yield event


class Feed:
    """Follows the outbox while clients listen, and hands each event to all of them.

    Parameters
    ----------
    database
        Its outbox has the announcements of all daemons.
    hints
        Wake the feed when this daemon announces something.
    envelope
        Composes the messages.
    """

    def __init__(self, database: Database, hints: Hints, envelope: Envelope) -> None:
        self._database = database
        self._hints = hints
        self._envelope = envelope
        self._subscriptions: set[Subscription] = set()
        self._turn = asyncio.Lock()
        self._ended = False
        self._seen: dict[int, float] = {}
        """Numbers above the mark that were handed over, with the time of that, monotonic."""
        self.mark = 0
        """Number below which no announcement can appear any more."""

    @property
    def clients(self) -> int:
        """Number of clients that listen."""
        return len(self._subscriptions)

    @property
    def seen(self) -> frozenset[int]:
        """Numbers above the mark that were handed over."""
        return frozenset(self._seen)

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the outbox until a stop is requested; then end all subscriptions."""
        await poll(
            self._follow,
            stage="events",
            stop=stop,
            hint=self._hints.announcements,
            longest_s=_POLL_S,
        )
        self.end()

    def end(self) -> None:
        """End all subscriptions, and accept no more."""
        self._ended = True
        for each in self._subscriptions:
            each.lose("the service stops")

    def status(self, message: MessageV1) -> None:
        """Hand over a status of this service."""
        self._hand_over(_event(0, message))

    @asynccontextmanager
    async def subscribed(self, selection: Selection) -> AsyncGenerator[Subscription]:
        """Subscribe within a block.

        Raises
        ------
        TransientError
            If the database is away, or the service stops.
        """
        async with self._turn:
            if self._ended:
                raise LostError("the service stops")
            if not self._subscriptions:
                await self._find_newest()
            subscription = Subscription(self, selection)
            self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def _find_newest(self) -> None:
        settled = utc_now() - timedelta(seconds=_SETTLED_S)
        async with self._database.reading() as transaction:
            self.mark = await settled_number(transaction, settled)
            numbers = await numbers_after(transaction, self.mark)
        self._seen = dict.fromkeys(numbers, time.monotonic())

    async def oldest(self) -> int:
        """Return the number of the oldest event that is kept; 0 if there is none."""
        async with self._database.reading() as transaction:
            return await oldest_number(transaction)

    async def page(self, after: int) -> list[Event]:
        """Return a page of events with larger numbers than this one, by number."""
        async with self._database.reading() as transaction:
            rows = await announcements_after(transaction, after, _PAGE)
        return [self._encoded(row) for row in rows]

    async def _follow(self) -> float:
        async with self._turn:
            if not self._subscriptions:
                return _POLL_S
            self._settle()
            async with self._database.reading() as transaction:
                rows = await announcements_after(transaction, self.mark, _PAGE, seen=self._seen)
            for row in rows:
                self._seen[row.number] = time.monotonic()
                self._hand_over(self._encoded(row))
        return 0.0 if len(rows) == _PAGE else _POLL_S

    def _settle(self) -> None:
        """Raise the mark to the newest number that was seen long ago."""
        before = time.monotonic() - _SETTLED_S
        old = [number for number, seen_at in self._seen.items() if seen_at < before]
        self.mark = max(old, default=self.mark)
        self._seen = {n: seen_at for n, seen_at in self._seen.items() if n > self.mark}

    def _encoded(self, row: Numbered) -> Event:
        message_id, fact = row.announcement.message_id, row.announcement.fact
        return _event(row.number, self._envelope.typed(message_id, fact))

    def _hand_over(self, event: Event) -> None:
        for each in tuple(self._subscriptions):
            each.put(event)


def _event(number: int, message: MessageV1) -> Event:
    kind = str(message.__struct_config__.tag).removeprefix("eclgrm.")
    burst_id, task_id = getattr(message, "burst_id", ""), getattr(message, "task_id", "")
    return Event(number, kind, burst_id, task_id, msgspec.json.encode(message))

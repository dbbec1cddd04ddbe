"""Live events reach each client once, in what order ever transactions end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest

from eclgrmd.announce import feed as feed_module
from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.feed import Event, Feed, LostError, Selection, Subscription
from eclgrmd.clock import utc_now
from eclgrmd.hints import Hints
from eclgrmd.model.messages.facts import DataFact, ErrorFact, message_uuid
from eclgrmd.store.intake.outbox import announce
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction
from tests.support.limits import LIMIT_S
from tests.support.settings import live

AT = "2026-11-29T00:00:00Z"


@pytest.fixture
def hints() -> Hints:
    return Hints()


@pytest.fixture
async def feed(database: Database, hints: Hints) -> AsyncIterator[Feed]:
    stop, feed = asyncio.Event(), Feed(database, hints, Envelope(live(), utc_now()))
    async with asyncio.TaskGroup() as group:
        group.create_task(feed.run(stop), name="feed")
        yield feed
        stop.set()
        hints.give_all()


def say(transaction: Transaction, name: str) -> None:
    announce(transaction, name, ErrorFact(at=AT, subject=name, reason="r", received=""), name)


async def said(database: Database, *names: str) -> None:
    for name in names:
        async with database.transaction() as transaction:
            say(transaction, name)


def data(burst_id: str) -> DataFact:
    return DataFact(
        at=AT,
        burst_id=burst_id,
        name="a.fits",
        sha256="0" * 64,
        size=1,
        state="refused",
        reason="r",
        kind=None,
        instrument=None,
        notifications=(),
    )


async def heard(subscription: Subscription, number: int) -> list[str]:
    """Return the UUIDs of the next events."""
    found: list[str] = []
    async with asyncio.timeout(LIMIT_S):
        while len(found) < number:
            event = await subscription.next(1.0)
            if event is not None:
                found.append(uuid_of(event))
    return found


async def missed(subscription: Subscription, after: int) -> list[str]:
    return [uuid_of(event) async for event in subscription.missed(after)]


def uuid_of(event: Event) -> str:
    uuid: str = msgspec.json.decode(event.payload)["id"]
    return uuid


def uuids(*names: str) -> list[str]:
    return [message_uuid(name) for name in names]


async def test_a_client_hears_what_is_announced_while_it_listens(
    database: Database, feed: Feed
) -> None:
    await said(database, "before")
    async with feed.subscribed(Selection()) as subscription:
        await said(database, "one", "two")
        assert await heard(subscription, 2) == uuids("one", "two")


async def test_a_client_that_comes_again_hears_what_it_missed_and_all_once(
    database: Database, feed: Feed
) -> None:
    names = [f"event-{number}" for number in range(450)]
    async with database.transaction() as transaction:
        for name in names:
            say(transaction, name)
    async with feed.subscribed(Selection()) as subscription:
        await said(database, "later")
        assert await missed(subscription, 0) == uuids(*names)
        assert await heard(subscription, 1) == uuids("later")


async def test_an_event_whose_transaction_ends_late_is_not_passed_over(
    database: Database, feed: Feed
) -> None:
    async with feed.subscribed(Selection()) as subscription:
        async with database.transaction() as late:
            say(late, "late")
            await late.send()  # its row has the smaller number, and nobody sees it yet
            await said(database, "early")
            assert await heard(subscription, 1) == uuids("early")
        assert await heard(subscription, 1) == uuids("late")
        mark = subscription.mark
    async with feed.subscribed(Selection()) as again:
        assert set(uuids("early", "late")) <= set(await missed(again, mark))


async def test_the_mark_of_a_slow_client_stays_before_what_it_has_not_received(
    database: Database, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with feed.subscribed(Selection()) as slow, feed.subscribed(Selection()) as quick:
        await said(database, "one", "two", "three")
        await heard(quick, 3)
        monkeypatch.setattr(feed_module, "_SETTLED_S", 0.0)  # all three are settled at once
        await said(database, "four")
        await heard(quick, 1)
        assert await heard(slow, 1) == uuids("one")
        mark = slow.mark
    async with feed.subscribed(Selection()) as again:
        assert set(uuids("two", "three", "four")) <= set(await missed(again, mark))


async def test_a_client_selects_by_kind_and_burst(database: Database, feed: Feed) -> None:
    async with (
        feed.subscribed(Selection(burst_id="b1")) as of_burst,
        feed.subscribed(Selection(kinds=("error",))) as of_kind,
    ):
        for burst_id in ("b2", "b1"):
            async with database.transaction() as transaction:
                announce(transaction, f"data-{burst_id}", data(burst_id), "note")
        await said(database, "fault")
        assert await heard(of_burst, 1) == uuids("data-b1")
        assert await heard(of_kind, 1) == uuids("fault")
        await said(database, "end")
        assert await heard(of_kind, 1) == uuids("end")
        assert await of_burst.next(0.0) is None


async def test_a_client_that_does_not_read_is_disconnected_and_delays_nobody(
    database: Database, feed: Feed
) -> None:
    async with feed.subscribed(Selection()) as slow, feed.subscribed(Selection()) as quick:
        names = [f"event-{number}" for number in range(1001)]
        async with database.transaction() as transaction:
            for name in names:
                say(transaction, name)
        assert await heard(quick, 1001) == uuids(*names)
        with pytest.raises(LostError, match="more slowly"):
            await slow.next(0.0)


async def test_a_stop_ends_subscriptions_and_takes_no_more(database: Database) -> None:
    feed = Feed(database, Hints(), Envelope(live(), utc_now()))
    async with feed.subscribed(Selection()) as subscription:
        feed.end()
        with pytest.raises(LostError, match="stops"):
            await subscription.next(LIMIT_S)
    with pytest.raises(LostError, match="stops"):
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(feed.subscribed(Selection()))

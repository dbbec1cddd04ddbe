"""Every message is stored, answered as bad, or recorded as a fault of ours."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from eclgrmd.bus import Address, Bus, Delivery
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import InputError, TransientError
from eclgrmd.hints import Hints
from eclgrmd.ingest.acknowledger import Acknowledger
from eclgrmd.store.sql.connections import Row
from eclgrmd.store.sql.database import Database
from tests.support.consuming import consuming, eventually

Storing = Callable[[], Awaitable[None]]


@pytest.fixture
async def bus(nats: PrivateNats) -> AsyncIterator[Bus]:
    async with Bus(Address(nats.url)) as bus:
        yield bus


async def settled(database: Database, bus: Bus, storing: Storing, *, earlier: int = 0) -> list[int]:
    """Send a message and settle it; return its delivery counts."""
    verdict, came = Acknowledger(database, Hints()), []

    async def handle(delivery: Delivery) -> None:
        came.append(delivery.delivered + earlier)
        seen = dataclasses.replace(delivery, delivered=delivery.delivered + earlier)
        await verdict.settle(seen, storing())

    subject = f"verdict.{uuid4().hex}"
    await bus.ensure_stream(subject.replace(".", "-"), [subject])
    await bus.publish(subject, b"what came", subject)
    async with consuming(bus, subject.replace(".", "-"), subject, handle):
        await eventually(lambda: bool(came))
        await asyncio.sleep(1.5)  # an acknowledged message does not come again
    return came


async def faults(database: Database) -> list[Row]:
    async with database.reading() as transaction:
        return await transaction.rows(dict, "SELECT subject, reason, received FROM fault")


async def good() -> None:
    return None


async def bad() -> None:
    raise InputError("it is bad")


async def broken() -> None:
    raise OSError("a fault of ours")


async def hopeless() -> None:
    raise RecursionError("a fault of ours")


async def test_what_was_stored_comes_no_more(database: Database, bus: Bus) -> None:
    assert await settled(database, bus, good) == [1]
    assert await faults(database) == []


async def test_a_bad_message_is_recorded_and_answered_once(database: Database, bus: Bus) -> None:
    assert await settled(database, bus, bad) == [1]
    (fault,) = await faults(database)
    assert fault["subject"].startswith("verdict.")
    assert fault["reason"] == "it is bad"
    assert fault["received"] == b"what came"
    async with database.reading() as transaction:
        (answer,) = await transaction.rows(dict, "SELECT note FROM outbox")
    assert answer["note"] == "it is bad"


async def test_what_cannot_be_stored_now_comes_again(database: Database, bus: Bus) -> None:
    tries = 0

    async def at_last() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise TransientError("not now", delay_s=0.1)

    assert await settled(database, bus, at_last) == [1, 2, 3]
    assert await faults(database) == []


async def test_what_we_fail_on_comes_again(database: Database, bus: Bus) -> None:
    assert await settled(database, bus, broken) == [1, 2]
    assert await faults(database) == []


async def test_what_we_failed_on_for_the_last_time_is_recorded(
    database: Database, bus: Bus
) -> None:
    assert await settled(database, bus, broken, earlier=4) == [5]
    (fault,) = await faults(database)
    assert fault["reason"] == "eclgrmd failed on it: OSError: a fault of ours"
    assert fault["received"] == b"what came"


async def test_what_the_same_message_would_do_again_is_recorded_at_once(
    database: Database, bus: Bus
) -> None:
    assert await settled(database, bus, hopeless) == [1]
    (fault,) = await faults(database)
    assert fault["reason"] == "eclgrmd failed on it: RecursionError: a fault of ours"

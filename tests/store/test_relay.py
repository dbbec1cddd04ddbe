"""Announcements reach NATS in order, and one that it will never take holds up no other."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from support.consuming import eventually

from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.relay import Relay
from eclgrmd.bus import Address, Bus, Message, Published
from eclgrmd.config import ServiceSettings
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import TransientError
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages import ErrorActivity, TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, Summary
from eclgrmd.store.claims import claim_task, finish_task
from eclgrmd.store.data import DataFile, record_data
from eclgrmd.store.database import Database, utc_now
from eclgrmd.store.hints import Hints
from eclgrmd.store.messages_v1 import error_message
from eclgrmd.store.outbox import announce, unpublished
from eclgrmd.store.tasks import cancel_task, submit_task
from eclgrmd.store.transaction import Transaction

TOO_LARGE = 9_000_000
"""Bytes; the private server takes 8 MB."""
SUBJECT = "activity.eclgrm"
NAMES = [f"t{number}" for number in range(40)]
"""Of tasks."""


@pytest.fixture
async def bus(nats: PrivateNats) -> AsyncIterator[Bus]:
    async with Bus(Address(nats.url)) as bus:
        await bus.ensure_stream("ACTIVITY", [SUBJECT])
        await bus.ensure_stream("ECLGRM-V1", ["eclgrm.v1.>"])
        yield bus


def relay(database: Database, bus: Bus) -> Relay:
    envelope = Envelope(ServiceSettings(), utc_now())
    return Relay(database, bus, Hints(), envelope, subject=SUBJECT, poll_s=0.1, metrics=Metrics())


async def promise(database: Database, name: str, size: int) -> None:
    activity = ErrorActivity("s", "a reason", "x" * size, "2026-11-22T00:00:00Z")
    small = msgspec.structs.replace(activity, received="")
    async with database.transaction() as transaction:
        announce(transaction, name, activity, name, error_message(name, small))


async def test_what_nats_never_takes_is_told_of_and_the_rest_goes(
    database: Database, bus: Bus
) -> None:
    heard: list[str] = []

    async def hear(message: Message) -> None:
        heard.append(msgspec.json.decode(message.data)["info"])

    await bus.subscribe(SUBJECT, hear)
    await promise(database, "first", 10)
    await promise(database, "large", TOO_LARGE)
    await promise(database, "last", 10)
    announcer = relay(database, bus)
    while await announcer.publish_batch():
        pass
    await eventually(lambda: len(heard) == 3)
    assert {"first", "last"} < set(heard)
    (told,) = set(heard) - {"first", "last"}
    assert "larger than NATS takes" in told
    async with database.reading() as transaction:
        (row,) = await transaction.rows("SELECT message_id FROM outbox WHERE reason IS NOT NULL")
    assert row["message_id"] == "large"


@pytest.mark.parametrize("broken", ["activity", "detail"])
async def test_what_cannot_be_read_any_more_is_told_of_and_the_rest_goes(
    database: Database, bus: Bus, broken: str
) -> None:
    heard: list[str] = []

    async def hear(message: Message) -> None:
        activity = msgspec.json.decode(message.data)["activity"]
        heard.append(activity and activity["reason"])

    await bus.subscribe(SUBJECT, hear)
    await promise(database, "first", 10)
    await promise(database, "last", 10)
    spoil = f"UPDATE outbox SET {broken} = '{{}}' WHERE message_id = 'first'"  # noqa: S608 - ours
    async with database.transaction() as transaction:
        transaction.later(spoil)
    stop = asyncio.Event()
    stop.set()
    await relay(database, bus).run(stop)
    await eventually(lambda: len(heard) == 2)
    assert "a reason" in heard
    (told,) = set(heard) - {"a reason"}
    assert "cannot be read" in told
    async with database.reading() as transaction:
        assert await unpublished(transaction, 9) == []


async def submit(transaction: Transaction) -> None:
    await record_data(transaction, DataFile("b", "a", "1" * 64, 1, "a", "", "events"))
    for name in NAMES:
        request = TaskRequest(id=name, burst_id="b", inputs=(TaskInput("a"),))
        await submit_task(transaction, request)


async def test_products_are_heard_right_after_the_end_of_their_task(
    database: Database, bus: Bus
) -> None:
    heard: list[tuple[str, str]] = []

    async def hear(message: Message) -> None:
        activity = msgspec.json.decode(message.data)["activity"] or {}
        heard.append((activity.get("task_id", ""), activity.get("state", activity["type"])))

    await bus.subscribe(SUBJECT, hear)
    outcome = PipelineOutcome(products=(), summary=Summary(), elapsed_s=1.0)
    async with database.transaction() as transaction:
        await submit(transaction)
        while claim := await claim_task(transaction, "me"):
            assert await finish_task(transaction, claim, outcome, "x")
    announcer = relay(database, bus)
    while await announcer.publish_batch():
        pass
    await eventually(lambda: len(heard) == 1 + 5 * len(NAMES))
    for name in NAMES:
        told = [state for task, state in heard if task == name]
        assert told == ["waiting", "queued", "running", "done", "products"]


async def test_no_change_overtakes_one_that_nats_has_not_acknowledged(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    publish = bus.publish

    async def deaf_to_the_second(subject: str, payload: bytes, message_id: str) -> Published:
        if message_id == "task-t0-2":
            raise TransientError("no answer in time")
        said.append(message_id)
        return await publish(subject, payload, message_id)

    monkeypatch.setattr(bus, "publish", deaf_to_the_second)
    async with database.transaction() as transaction:
        await submit(transaction)
        assert await claim_task(transaction, "me")
    announcer = relay(database, bus)
    with pytest.raises(TransientError, match="no answer"):
        await announcer.publish_batch()
    assert "task-t0-1" in said
    assert "task-t1-2" in said
    assert "task-t0-3" not in said
    monkeypatch.undo()
    assert await announcer.publish_batch() == 2


async def test_the_changes_of_each_task_are_heard_in_their_order(
    database: Database, bus: Bus
) -> None:
    heard: list[tuple[str, int]] = []

    async def hear(message: Message) -> None:
        activity = msgspec.json.decode(message.data)["activity"] or {}
        if activity.get("type") == "task":
            heard.append((activity["task_id"], activity["number"]))

    await bus.subscribe(SUBJECT, hear)
    async with database.transaction() as transaction:
        await submit(transaction)
        for _ in NAMES:
            assert await claim_task(transaction, "me")
        for name in NAMES:
            await cancel_task(transaction, name, "enough")
    stop = asyncio.Event()
    stop.set()
    await relay(database, bus).run(stop)
    await eventually(lambda: len(heard) == 4 * len(NAMES))
    for name in NAMES:
        assert [number for task, number in heard if task == name] == [1, 2, 3, 4]

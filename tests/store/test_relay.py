"""Announcements reach NATS in order, and one that NATS refuses for good delays no other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest

from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.relay import Relay
from eclgrmd.bus import Address, Bus, Message, Published
from eclgrmd.clock import utc_now
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import TransientError
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages.facts import ErrorFact
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, Summary
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.dead_letters import dead_letters
from eclgrmd.store.intake.outbox import announce, oldest_announcement
from eclgrmd.store.sql.announcement import Announcement
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction
from eclgrmd.store.tasks.claims import Claim, claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.tasks import cancel_task, submit_task
from tests.support.consuming import eventually
from tests.support.limits import LIMIT_S
from tests.support.settings import live

TOO_LARGE = 9_000_000
"""Size in bytes; the private server accepts 8 MB."""
SUBJECT = "activity.eclgrm"
NAMES = [f"t{number}" for number in range(40)]
"""Ids of tasks."""


@pytest.fixture
async def bus(nats: PrivateNats) -> AsyncIterator[Bus]:
    async with Bus(Address(nats.url)) as bus:
        await bus.ensure_stream("ACTIVITY", [SUBJECT])
        await bus.ensure_stream("ECLGRM-V1", ["eclgrm.v1.>"])
        yield bus


def relay(
    database: Database, bus: Bus, hints: Hints | None = None, *, poll_s: float = 0.1
) -> Relay:
    return Relay(
        database,
        bus,
        hints or Hints(),
        Envelope(live(), utc_now()),
        subject=SUBJECT,
        settings=live(tasks={"poll_s": poll_s}),
        metrics=Metrics(),
    )


@contextlib.asynccontextmanager
async def running(announcer: Relay, hints: Hints) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(announcer.run(stop), name="relay")
        yield
        stop.set()
        hints.give_all()


async def promise(database: Database, name: str, size: int) -> None:
    at = "2026-11-22T00:00:00Z"
    fact = ErrorFact(at=at, subject="s", reason="a reason", received="x" * size)
    async with database.transaction() as transaction:
        announce(transaction, name, fact, name)


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
        (letter,) = await dead_letters(transaction, after=0, limit=9)
    assert letter.message_id == "large"
    assert "larger than NATS takes" in letter.reason
    assert letter.bytes > TOO_LARGE
    assert len(letter.activity) == 500


@pytest.mark.parametrize("broken", ["activity = '{}'", "activity = '['", "detail = '[]'"])
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
    spoil = f"UPDATE outbox SET {broken} WHERE message_id = 'first'"  # noqa: S608 - ours
    async with database.transaction() as transaction:
        transaction.later(spoil)
    stop = asyncio.Event()
    stop.set()
    await relay(database, bus).run(stop)
    await eventually(lambda: len(heard) == 2)
    assert "a reason" in heard
    (told,) = set(heard) - {"a reason"}
    assert "cannot be decoded" in told
    async with database.reading() as transaction:
        assert await oldest_announcement(transaction) is None


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
    while await announcer.publish_batch():
        pass
    assert "task-t0-1" in said
    assert "task-t1-2" in said
    assert "task-t0-3" not in said
    monkeypatch.undo()
    hints = Hints()
    async with running(relay(database, bus, hints), hints):
        async with asyncio.timeout(LIMIT_S):
            while not await all_marked(database):  # noqa: ASYNC110 - a test looks from outside
                await asyncio.sleep(0.05)


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


@pytest.fixture
def published(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The message ids of the founding form in the order of publication."""
    said: list[str] = []
    publish = bus.publish

    async def listened(subject: str, payload: bytes, message_id: str) -> Published:
        if subject == SUBJECT:
            said.append(message_id)
        return await publish(subject, payload, message_id)

    monkeypatch.setattr(bus, "publish", listened)
    return said


BEGIN = {"data-1-accepted", "task-t0-1", "task-t0-2", "task-t0-3"}
END = ["task-t0-4", "products-t0"]


async def begun(database: Database) -> Claim:
    async with database.transaction() as transaction:
        await record_data(transaction, DataFile("b", "a", "1" * 64, 1, "a", "", "events"))
        await submit_task(transaction, TaskRequest("t0", "b", (TaskInput("a"),)))
        claim = await claim_task(transaction, "me")
    assert claim is not None
    return claim


async def ended(database: Database, claim: Claim) -> list[Announcement]:
    """End a task and return the announcements of that."""
    outcome = PipelineOutcome(products=(), summary=Summary(), elapsed_s=1.0)
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, outcome, "x")
    return transaction.announcements


async def all_marked(database: Database) -> bool:
    async with database.reading() as reading:
        return await oldest_announcement(reading) is None


async def test_an_end_that_is_handed_over_is_published_before_the_table_is_asked(
    database: Database, bus: Bus, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = Hints()
    announcer = relay(database, bus, hints, poll_s=60.0)
    read: list[int] = []
    """The number of published announcements at each query of the table."""
    publish_batch = announcer.publish_batch

    async def watched() -> int:
        read.append(len(published))
        return await publish_batch()

    monkeypatch.setattr(announcer, "publish_batch", watched)
    claim = await begun(database)
    async with running(announcer, hints):
        await eventually(lambda: len(published) == len(BEGIN))
        await asyncio.sleep(1.0)  # until it has marked them, and waits
        asked = len(read)
        hints.give_result(await ended(database, claim))
        await eventually(lambda: len(read) > asked)
        assert read[asked] == len(BEGIN) + len(END)
        await asyncio.sleep(1.0)
    assert set(published[: len(BEGIN)]) == BEGIN
    assert published[len(BEGIN) :] == END
    assert await all_marked(database)


async def test_an_end_that_is_handed_over_does_not_overtake_the_begin(
    database: Database, bus: Bus, published: list[str]
) -> None:
    hints = Hints()
    hints.give_result(await ended(database, await begun(database)))
    async with running(relay(database, bus, hints), hints):
        await eventually(lambda: len(published) == len(BEGIN) + len(END))
        await asyncio.sleep(1.0)
    changes = [name for name in published if name.startswith("task")]
    assert changes == ["task-t0-1", "task-t0-2", "task-t0-3", "task-t0-4"]
    assert published[-2:] == END
    assert await all_marked(database)


async def test_what_has_gone_is_not_published_again_when_it_is_handed_over(
    database: Database, bus: Bus, published: list[str]
) -> None:
    hints = Hints()
    promised = await ended(database, await begun(database))
    async with running(relay(database, bus, hints), hints):
        await eventually(lambda: len(published) == len(BEGIN) + len(END))
        hints.give_result(promised)
        await asyncio.sleep(1.0)
    assert len(published) == len(set(published))

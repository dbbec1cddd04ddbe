"""A message that NATS does not take, now or ever, delays no other, and is reported."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from eclgrmd.announce import relay as relaying
from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.relay import Relay
from eclgrmd.bus import Address, Bus, Message, Published
from eclgrmd.clock import utc_now
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import InputError, PermanentError, TransientError
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.messages.facts import QuickLookFact, burst_uuid, message_uuid
from eclgrmd.model.messages.incoming import RerunRequest, TaskInput, TaskRequest
from eclgrmd.model.messages.version1 import VhfMessage, subject_of
from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.dead_letters import count_dead_letters, dead_letters
from eclgrmd.store.intake.outbox import announce, oldest_announcement
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.reruns import submit_rerun
from eclgrmd.store.tasks.tasks import submit_task
from tests.support.consuming import eventually
from tests.support.limits import LIMIT_S
from tests.support.settings import live

FOUNDING = "activity.eclgrm"
UNSAYABLE = ["sb 27010101", "sb\n27010102", "sb*", "sb>", "a.b", "a_b", "🚀", "", "a\x00b", "$x"]
"""Ids of bursts that older versions accepted from notices."""
AT = "2026-11-22T00:00:00Z"


@pytest.fixture
async def bus(nats: PrivateNats) -> AsyncIterator[Bus]:
    async with Bus(Address(nats.url)) as bus:
        await bus.ensure_stream("ACTIVITY", [FOUNDING])
        await bus.ensure_stream("ECLGRM-V1", ["eclgrm.v1.>"])
        yield bus


async def withdraw(database: Database, *bursts: str) -> None:
    """Write announcements that bursts are withdrawn."""
    async with database.transaction() as transaction:
        for burst in bursts:
            fact = QuickLookFact(
                at=AT,
                burst_id=burst,
                version=1,
                state=QuickLookState.WITHDRAWN,
                why="retracted",
                headline={},
                link="/x",
            )
            announce(transaction, f"vhf-{burst}-1", fact, "retracted")


@contextlib.asynccontextmanager
async def relayed(database: Database, bus: Bus) -> AsyncIterator[Hints]:
    """Run a relay while the context is open."""
    hints, stop = Hints(), asyncio.Event()
    relay = Relay(
        database,
        bus,
        hints,
        Envelope(live(), utc_now()),
        subject=FOUNDING,
        settings=live(tasks={"poll_s": 0.05}),
        metrics=Metrics(),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run(stop), name="relay")
        try:
            yield hints
        finally:
            stop.set()
            hints.give_all()


class Deaf:
    """A NATS that does not take messages whose id or subject has a given prefix."""

    def __init__(self, bus: Bus, trouble: Exception, *beginnings: str) -> None:
        self._publish = bus.publish
        self._trouble = trouble
        self._beginnings = beginnings
        self.asked: Counter[tuple[str, str]] = Counter()
        self.told: Counter[tuple[str, str]] = Counter()

    async def publish(self, subject: str, payload: bytes, message_id: str) -> Published:
        self.asked[subject, message_id] += 1
        if message_id.startswith(self._beginnings) or subject.startswith(self._beginnings):
            raise self._trouble
        published = await self._publish(subject, payload, message_id)
        self.told[subject, message_id] += 1
        return published


async def is_empty(database: Database) -> bool:
    async with database.reading() as reading:
        return await oldest_announcement(reading) is None


async def until_empty(database: Database) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await is_empty(database):  # noqa: ASYNC110 - a test looks from outside
            await asyncio.sleep(0.05)


async def test_ids_that_older_rows_hold_are_announced_each_on_its_own_subject(
    database: Database, bus: Bus
) -> None:
    heard: list[str] = []

    async def hear(message: Message) -> None:
        heard.append(message.subject)

    await bus.subscribe("eclgrm.v1.vhf.>", hear)
    await withdraw(database, *UNSAYABLE)
    async with relayed(database, bus):
        await until_empty(database)
        await eventually(lambda: len(heard) == len(UNSAYABLE))
    assert len(set(heard)) == len(UNSAYABLE)
    async with database.reading() as reading:
        assert await count_dead_letters(reading) == 0


@pytest.mark.parametrize(
    ("trouble", "poison"),
    [
        (TransientError("not now"), 450),
        (PermanentError("never"), 450),
        (ZeroDivisionError("ours"), 3),
    ],
)
async def test_more_poison_than_a_batch_holds_up_nothing(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch, trouble: Exception, poison: int
) -> None:
    deaf = Deaf(bus, trouble, "vhf-bad")
    monkeypatch.setattr(bus, "publish", deaf.publish)
    await withdraw(database, *(f"bad{number}" for number in range(poison)))
    await withdraw(database, "good1")
    async with relayed(database, bus) as hints:
        await eventually(lambda: deaf.told[FOUNDING, "vhf-good1-1"] == 1)
        await withdraw(database, "good2")
        hints.announcements.give()
        await eventually(lambda: deaf.told[FOUNDING, "vhf-good2-1"] == 1)
    async with relayed(database, bus) as hints:  # the same after a restart
        await withdraw(database, "good3")
        hints.announcements.give()
        await eventually(lambda: deaf.told[FOUNDING, "vhf-good3-1"] == 1)


async def test_a_form_that_has_gone_is_not_sent_again_for_the_other_one(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "LONGEST_POSTPONED_S", 0.1)
    deaf = Deaf(bus, TransientError("not now"), "eclgrm.v1.")
    monkeypatch.setattr(bus, "publish", deaf.publish)
    typed = (f"eclgrm.v1.vhf.b.{QuickLookState.WITHDRAWN}", message_uuid("vhf-b-1"))
    await withdraw(database, "b")
    for _ in range(2):  # with a restart between
        async with relayed(database, bus):
            await eventually(lambda least: deaf.asked[typed] >= least, deaf.asked[typed] + 2)
    assert deaf.asked[FOUNDING, "vhf-b-1"] == 1
    monkeypatch.undo()
    async with relayed(database, bus):
        await until_empty(database)
    assert deaf.asked[FOUNDING, "vhf-b-1"] == 1


async def test_what_never_goes_in_one_form_goes_in_the_other_and_is_a_dead_letter(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = Deaf(bus, PermanentError("never"), "eclgrm.v1.vhf.b.")
    monkeypatch.setattr(bus, "publish", deaf.publish)
    await withdraw(database, "b")
    async with relayed(database, bus):
        await until_empty(database)
    assert deaf.asked[FOUNDING, "vhf-b-1"] == 1
    assert deaf.told[FOUNDING, "dead-vhf-b-1"] == 1
    async with database.reading() as reading:
        (letter,) = await dead_letters(reading, after=0, limit=9)
    assert (letter.message_id, letter.reason) == ("vhf-b-1", "never")


async def test_the_end_of_a_dead_letter_that_is_dead_itself_has_no_successor(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = Deaf(bus, PermanentError("never"), "")
    monkeypatch.setattr(bus, "publish", deaf.publish)
    await withdraw(database, "b")
    async with relayed(database, bus):
        await until_empty(database)
    async with database.reading() as reading:
        letters = await dead_letters(reading, after=0, limit=9)
    assert [letter.message_id for letter in letters] == ["vhf-b-1", "dead-vhf-b-1"]


async def test_what_fails_again_and_again_while_others_go_is_dead_in_the_end(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_MOST_OWN_FAILURES", 2)
    deaf = Deaf(bus, TransientError("not now"), "vhf-bad")
    monkeypatch.setattr(bus, "publish", deaf.publish)
    await withdraw(database, "bad")
    async with relayed(database, bus) as hints:
        async with asyncio.timeout(LIMIT_S):
            number = 0
            while deaf.told[FOUNDING, "dead-vhf-bad-1"] == 0:
                number += 1
                await withdraw(database, f"good{number}")
                hints.announcements.give()
                await asyncio.sleep(0.1)
    async with database.reading() as reading:
        (letter,) = await dead_letters(reading, after=0, limit=9)
    assert letter.reason == "failed 2 times while others went: not now"


async def test_while_nothing_goes_nothing_is_given_up(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_MOST_OWN_FAILURES", 2)
    monkeypatch.setattr(relaying, "LONGEST_POSTPONED_S", 0.1)
    deaf = Deaf(bus, TransientError("disk full"), "")
    monkeypatch.setattr(bus, "publish", deaf.publish)
    await withdraw(database, "a", "b")
    async with relayed(database, bus):
        await eventually(lambda: deaf.asked[FOUNDING, "vhf-b-1"] >= 5)
        monkeypatch.undo()
        await until_empty(database)
    async with database.reading() as reading:
        assert await count_dead_letters(reading) == 0


async def test_a_subject_of_a_message_is_what_the_description_says() -> None:
    message = VhfMessage(
        id=message_uuid("x"),
        at=AT,
        burst_id="sb 1.2",
        correlation_id=burst_uuid("sb 1.2"),
        state=QuickLookState.FINAL,
        number=1,
        why="",
        headline={},
        link="",
    )
    assert subject_of(message) == "eclgrm.v1.vhf.sb%201%2E2.final"


@pytest.mark.parametrize(
    "kept", ["{}", '{"type":"task","id":"a\\n","burst_id":"b","inputs":[{"name":"a"}]}', "[" * 5000]
)
async def test_a_task_that_cannot_be_read_any_more_fails_and_the_next_one_runs(
    database: Database, kept: str
) -> None:
    async with database.transaction() as transaction:
        await record_data(transaction, DataFile("b", "a", "1" * 64, 1, "a", "", "events"))
        for name in ("t1", "t2"):
            await submit_task(transaction, TaskRequest(name, "b", (TaskInput("a"),)))
        transaction.later(
            "UPDATE task SET request = %(kept)s, turn_at = NOW(6) - INTERVAL 1 DAY "
            "WHERE task_id = 't1'",
            kept=kept,
        )
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "me")
    assert claim is not None
    assert claim.task_id == "t2"
    async with database.reading() as reading:
        row = await reading.row(dict, "SELECT state, reason FROM task WHERE task_id = 't1'")
        assert row is not None
        assert row["state"] == "failed"
        assert row["reason"].startswith("the stored task: ")
    with pytest.raises(InputError, match="the stored task t1"):
        async with database.transaction() as transaction:
            await submit_rerun(transaction, RerunRequest("t1"))

"""A fault in the quick look of a burst ends with that burst; the others go on."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from eclgrmd.aio.polling import is_fatal
from eclgrmd.compute import WorkerDiedError, Workers
from eclgrmd.errors import FatalError, InputError
from eclgrmd.files import FileStore
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.hints import Hints
from eclgrmd.model.quicklook.aside import aside_flags
from eclgrmd.model.quicklook.binary import read_packet
from eclgrmd.model.quicklook.updates import (
    InstrumentUpdate,
    QuickLookAnswer,
    QuickLookRequest,
    QuickLookUpdate,
)
from eclgrmd.model.rest.quicklook import QuickLook
from eclgrmd.model.result import Duration, Width
from eclgrmd.quicklook.products import QuickLookProducts
from eclgrmd.quicklook.runner import QuickLookRunner
from eclgrmd.store.quicklook.bursts import due_bursts, record_update
from eclgrmd.store.quicklook.inbox import packet_bodies, record_notice, record_packet
from eclgrmd.store.quicklook.products import due_products
from eclgrmd.store.quicklook.views import quick_look_view
from eclgrmd.store.sql.database import Database
from tests.support.answering import Answering
from tests.support.consuming import eventually
from tests.support.limits import LIMIT_S
from tests.support.present import present
from tests.support.quicklook.packets import box_sequence, notice
from tests.support.settings import live


def update(burst_id: str, band_kev: tuple[float, float] = (15.0, 5000.0)) -> QuickLookUpdate:
    width = Width(5.0, 1.0, 1.0, 0.0, 5.0)
    seen = InstrumentUpdate(
        instrument="GRM", progress="quiet", until_s=1.0, bins=9,
        duration=Duration("GRM", ("GRD01",), band_kev, "", width, width, ()),
        hardness=None, peak_rates=(), restarts=0,
    )  # fmt: skip
    return QuickLookUpdate(
        burst_id=burst_id, t0_utc="2026-01-01T00:00:00Z", t0_met_s=0.0, packets=1, missing=0,
        newest_met_s=0.0, instruments=(seen,), reference="GRM",
    )  # fmt: skip


async def receive(database: Database, burst_id: str, silence_s: float = 60.0) -> None:
    async with database.transaction() as transaction:
        sent = box_sequence(1.0, 9.0, 500.0, burst_id=burst_id)[0]
        await record_packet(transaction, sent.packet, silence_s)


async def announce(database: Database, burst_id: str, told: QuickLookUpdate | None = None) -> None:
    """Receive a packet and announce its result."""
    await receive(database, burst_id)
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        assert await record_update(
            transaction, due, update(burst_id) if told is None else told, due.last_packet
        )


async def retract(database: Database, burst_id: str) -> None:
    payload = notice(219, "retraction", "2027-02-21T17:00:00", burst_id)
    async with database.transaction() as transaction:
        assert await record_notice(transaction, read_notice(payload), payload, 60.0)


async def state(database: Database, burst_id: str) -> str:
    async with database.reading() as transaction:
        view = await quick_look_view(transaction, burst_id)
    assert view is not None
    return str(view.state)


async def due_ids(database: Database) -> list[str]:
    async with database.transaction() as transaction:
        return [each.burst_id for each in await due_products(transaction, 10)]


class Anew(Answering):
    """Restarted workers: they know no burst and report nothing new."""

    async def call(self, *arguments: object, **options: object) -> Any:
        await super().call(*arguments, **options)
        request = arguments[-1]
        return QuickLookAnswer(known=isinstance(request, QuickLookRequest) and request.after == 0)


@asynccontextmanager
async def following(database: Database, workers: Workers) -> AsyncIterator[QuickLookRunner]:
    runner = QuickLookRunner(
        database, [workers], Hints(), settings=live(tasks={"poll_s": 0.05}), set_aside=Counter()
    )
    stop = asyncio.Event()
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(runner.run(stop))
        yield runner
        stop.set()


class Refused(Answering):
    """Workers that warm up, but then raise a fatal error."""

    async def call(self, *arguments: object, **options: object) -> Any:
        await super().call(*arguments, **options)
        if isinstance(arguments[-1], QuickLookRequest):
            raise FatalError("the database server refuses our login")


async def test_a_fatal_error_is_no_fault_of_the_burst_that_meets_it(database: Database) -> None:
    await receive(database, "sb1")
    runner = QuickLookRunner(
        database,
        [Refused(None)],
        Hints(),
        settings=live(tasks={"poll_s": 0.05}),
        set_aside=Counter(),
    )
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(LIMIT_S):
            await runner.run(asyncio.Event())
    assert is_fatal(caught.value)


class Held(Answering):
    """Workers that begin no analysis before `open` is set, and record the packets of each."""

    def __init__(self) -> None:
        super().__init__(None)
        self.open = asyncio.Event()
        self.packets: list[tuple[str, int]] = []

    async def call(self, *arguments: object, **options: object) -> Any:
        await super().call(*arguments, **options)
        request = arguments[-1]
        if not isinstance(request, QuickLookRequest):
            return None
        await self.open.wait()
        self.packets.append((request.burst_id, len(request.packets)))
        return QuickLookAnswer(known=True, update=update(request.burst_id))


async def test_packets_that_arrive_while_a_burst_waits_are_analysed_together(
    database: Database,
) -> None:
    bursts = [f"sb{number}" for number in range(1, 7)]
    for burst_id in bursts:
        await receive_many(database, burst_id, [0])
    workers = Held()
    async with following(database, workers):
        await eventually(lambda: len(workers.calls) == 4)  # the rehearsal, and three bursts
        for burst_id in bursts:
            await receive_many(database, burst_id, list(range(1, 10)))
        workers.open.set()
        for burst_id in bursts:
            await settled(database, burst_id)
    assert len(workers.packets) == 9  # the first three bursts twice, all others once
    assert sum(number for _, number in workers.packets) == 60
    assert [number for _, number in workers.packets].count(10) == 3


@asynccontextmanager
async def producing(database: Database, workers: Workers, folder: Path) -> AsyncIterator[None]:
    products = QuickLookProducts(
        database, FileStore(folder, "me"), workers, Hints(),
        settings=live(tasks={"poll_s": 0.05}),
    )  # fmt: skip
    stop = asyncio.Event()
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(products.run(stop))
        yield
        stop.set()


async def test_a_late_notice_of_a_burst_without_packets_is_followed_once(
    database: Database,
) -> None:
    await announce(database, "sb1")
    payload = notice(211, "vt", "2027-02-21T17:00:00", "sb1")
    async with database.transaction() as transaction:
        transaction.later("DELETE FROM packet")
        assert await record_notice(transaction, read_notice(payload), payload, 60.0)
    workers = Anew(None)
    async with following(database, workers):
        await eventually(lambda: len(workers.calls) >= 3)
        await asyncio.sleep(0.5)
    assert len(workers.calls) == 3  # the rehearsal, the notice, and all packets for it
    async with database.reading() as transaction:
        view = await quick_look_view(transaction, "sb1")
    assert present(present(view).newest)["instruments"]


async def test_a_rehearsal_that_fails_ends_nothing(database: Database) -> None:
    await receive(database, "sb1", 0.0)
    workers = Answering(OSError(28, "No space left on device"))
    async with following(database, workers):
        await eventually(lambda: len(workers.calls) >= 4)  # the rehearsal, and three tries
    assert await state(database, "sb1") == "final"


@pytest.mark.parametrize("broken", ["announced_update", "newest", "notices"])
async def test_what_cannot_be_read_any_more_keeps_no_other_burst_waiting(
    database: Database, broken: str
) -> None:
    await announce(database, "sb1", update("sb1"))
    await announce(database, "sb2", update("sb2"))
    spoil = f"UPDATE vhf SET {broken} = %(body)s WHERE burst_id = 'sb1'"  # noqa: S608 - ours
    async with database.transaction() as transaction:
        transaction.later(spoil, body='{"burst_id": 1, "state": 1}')
    assert "sb2" in await due_ids(database)
    await due_ids(database)
    if broken != "newest":
        assert await due_ids(database) == ["sb2"]
    await retract(database, "sb1")
    assert await state(database, "sb1") == "withdrawn"


async def test_a_set_that_kills_its_workers_is_given_up_and_keeps_no_other_waiting(
    database: Database, tmp_path: Path
) -> None:
    await announce(database, "sb1")
    await announce(database, "sb2")
    workers = Answering(WorkerDiedError("its worker process ended (SIGSEGV)"))
    async with producing(database, workers, tmp_path):
        await eventually(lambda: len(workers.calls) >= 6)
        await asyncio.sleep(0.5)
    assert len(workers.calls) == 6  # three tries each
    assert await due_ids(database) == []


async def test_no_more_packets_of_a_burst_are_taken_than_can_be_followed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.store.quicklook.inbox._MOST_PACKETS", 2)
    first, second, third = box_sequence(1.0, 9.0, 500.0, burst_id="sb1")[:3]
    async with database.transaction() as transaction:
        assert await record_packet(transaction, first.packet, 60.0)
        assert await record_packet(transaction, second.packet, 60.0)
    with pytest.raises(InputError, match="its burst has 2 already"):
        async with database.transaction() as transaction:
            await record_packet(transaction, third.packet, 60.0)
    async with database.transaction() as transaction:
        assert not await record_packet(transaction, second.packet, 60.0)
        assert len(await packet_bodies(transaction, "sb1", 0)) == 2
    await receive(database, "sb2")


class Deadly(Answering):
    """Workers that die of packets with certain numbers, and record which packets they received."""

    def __init__(self, *numbers: int) -> None:
        super().__init__(None)
        self.deadly = set(numbers)
        self.deaths = 0

    async def call(self, *arguments: object, **options: object) -> Any:
        await super().call(*arguments, **options)
        request = arguments[-1]
        if not isinstance(request, QuickLookRequest):
            return None
        if request.after:
            return QuickLookAnswer(known=False)
        packets = [read_packet(body) for _, body in request.packets]
        if not self.deadly.isdisjoint(each.number for each in packets):
            self.deaths += 1
            raise WorkerDiedError("follow_burst: its worker process ended (SIGSEGV)")
        found = structs.replace(
            update(request.burst_id),
            packets=len(packets),
            final=request.final,
            set_aside={each.cause.value: 1 for each in request.set_aside},
            flags=aside_flags(request.set_aside),
        )
        return QuickLookAnswer(known=True, update=found)


async def receive_many(database: Database, burst_id: str, numbers: list[int]) -> None:
    packet = box_sequence(1.0, 9.0, 500.0, burst_id=burst_id)[0].packet
    async with database.transaction() as transaction:
        for number in numbers:
            await record_packet(transaction, structs.replace(packet, number=number), 60.0)


async def set_aside(database: Database) -> list[int]:
    async with database.transaction() as transaction:
        rows = await transaction.rows(dict, "SELECT number FROM packet_aside ORDER BY packet_id")
    return [row["number"] for row in rows]


async def settled(database: Database, burst_id: str) -> QuickLook:
    """Wait until all packets of a burst are analysed or set aside, and return its view."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with database.transaction() as transaction:
                due = await due_bursts(transaction, 10)
                view = await quick_look_view(transaction, burst_id)
            if burst_id not in [each.burst_id for each in due]:
                return present(view)
            await asyncio.sleep(0.05)


async def test_packets_that_end_their_worker_are_found_among_many(database: Database) -> None:
    await receive_many(database, "sb1", list(range(40)))
    await receive_many(database, "sb2", list(range(3)))
    workers = Deadly(17, 30)
    async with following(database, workers):
        view = await settled(database, "sb1")
        other = await settled(database, "sb2")
    assert await set_aside(database) == [17, 30]
    assert present(view.newest)["packets"] == 38
    assert present(view.newest)["flags"] == [
        "packets GRM trigger 17, GRM trigger 30 were left out: its worker process ended (SIGSEGV)"
    ]
    assert present(other.newest)["flags"] == []
    assert workers.deaths <= 2 * 9


async def test_a_search_goes_on_after_a_restart(database: Database) -> None:
    await receive_many(database, "sb1", list(range(40)))
    workers = Deadly(17)
    deaths = 0
    for _ in range(12):
        async with following(database, workers):
            await eventually(lambda seen: workers.deaths > seen or seen >= 6, workers.deaths)
        deaths = workers.deaths
        if await set_aside(database):
            break
    assert await set_aside(database) == [17]
    assert deaths <= 9
    async with following(database, workers):
        view = await settled(database, "sb1")
    assert workers.deaths == deaths
    assert present(view.newest)["packets"] == 39


async def test_a_burst_of_nothing_but_deadly_packets_ends_in_a_bounded_number_of_trials(
    database: Database,
) -> None:
    await receive_many(database, "sb1", list(range(3)))
    workers = Deadly(*range(100, 140))
    async with following(database, workers):
        await settled(database, "sb1")
        await receive_many(database, "sb1", list(range(100, 140)))
        view = await settled(database, "sb1")
    assert len(await set_aside(database)) == 40
    assert workers.deaths <= 5 * 9 + 1
    assert present(view.newest)["packets"] == 3


async def test_a_final_measurement_that_fails_leaves_the_last_update_with_a_flag(
    database: Database,
) -> None:
    await announce(database, "sb1")
    async with database.transaction() as transaction:
        transaction.later("UPDATE vhf SET silent_at = NOW(6) - INTERVAL 1 HOUR")
    async with following(database, Answering(WorkerDiedError("x: its worker process ended"))):
        await settled(database, "sb1")
    async with database.reading() as reading:
        view = await quick_look_view(reading, "sb1")
    assert view is not None
    assert view.state == "final"
    newest = present(view.newest)
    assert newest["final"]
    (flag,) = newest["flags"]
    assert flag.startswith("the final measurement could not be analysed, the update before stands")
    assert flag.endswith(": its worker process ended")
    assert await set_aside(database) == []

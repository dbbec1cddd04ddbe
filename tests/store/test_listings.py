"""Lists of bursts, tasks and products are filtered and sorted as a slow twin in Python does it."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from eclgrmd.clock import microseconds
from eclgrmd.errors import InputError
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.rest.queries import AgeOrder, BurstOrder, BurstQuery, ProductQuery, TaskQuery
from eclgrmd.store.intake.burst_lists import BurstLine, bursts, position
from eclgrmd.store.intake.bursts import lock_burst, set_expectations, set_quick_results
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.products import product_page
from eclgrmd.store.tasks.task_views import tasks
from eclgrmd.store.tasks.tasks import cancel_task, submit_task
from tests.support.quicklook.updates import update

BEGIN = datetime(2026, 11, 22)  # noqa: DTZ001 - as the tables have it
NUMBER = 40


class Known(NamedTuple):
    """A burst as the test made it."""

    id: str
    t0: datetime | None
    created: datetime
    instrument: str
    t90: float | None
    epeak: float | None
    fluence: float | None
    name: str | None
    state: str


def made(rng: random.Random) -> list[Known]:
    """Return bursts, many of which have the same values or lack them."""
    times = [BEGIN + timedelta(hours=hour, microseconds=7) for hour in range(5)]
    return [
        Known(
            id=f"{rng.choice('abZ')}{number}",
            t0=rng.choice([None, *times]),
            created=BEGIN + timedelta(days=rng.randrange(4)),
            instrument=rng.choice(["GRM", "ECL"]),
            t90=rng.choice([None, 0.1, 2.0, 1 / 3, 47.25]),
            epeak=rng.choice([None, 1e3 / 7, 250.0]),
            fluence=rng.choice([None, 1.234567890123e-7, 4e-6, 4.0000000000000001e-5]),
            name=rng.choice([None, "short", "long"]),
            state=rng.choice(["new", "open", "done", "failed", "withdrawn"]),
        )
        for number in range(NUMBER)
    ]


async def insert(database: Database, known: list[Known]) -> None:
    task_states = {"new": "cancelled", "withdrawn": "done"}
    async with database.transaction() as transaction:
        for each in known:
            transaction.later(
                "INSERT INTO burst (burst_id, created_at, t0_us, t90_s, epeak_kev, fluence_erg, "
                "class) VALUES (%(id)s, %(created)s, %(t0)s, %(t90)s, %(epeak)s, %(fluence)s, "
                "%(class)s)",
                **{
                    "id": each.id,
                    "created": each.created,
                    "t0": each.t0 and microseconds(each.t0),
                    "t90": each.t90,
                    "epeak": each.epeak,
                    "fluence": each.fluence,
                    "class": each.name,
                },
            )
            transaction.later(
                "INSERT INTO data_file (burst_id, name, sha256, size, path, state, reason, "
                "instrument, received_at) VALUES (%(id)s, %(name)s, '0', 1, '', 'accepted', '', "
                "%(instrument)s, NOW(6))",
                id=each.id,
                name=f"Evt_{each.instrument}.fits",
                instrument=each.instrument,
            )
            for state in {task_states.get(each.state, each.state), "cancelled"}:
                transaction.later(
                    "INSERT INTO task (task_id, burst_id, analysis, state, reason, priority, "
                    "request, due_at, created_at) VALUES (%(task)s, %(id)s, 'burst', %(state)s, "
                    "'', 0, '{}', NOW(6), NOW(6))",
                    task=f"{each.id}-{state}",
                    id=each.id,
                    state="queued" if state == "open" else state,
                )
            if each.state == "withdrawn":
                transaction.later(
                    "INSERT INTO vhf (burst_id, state, reason, silent_at, changed_at) "
                    "VALUES (%(id)s, 'withdrawn', '', NOW(6), NOW(6))",
                    id=each.id,
                )


async def walked(database: Database, query: BurstQuery) -> list[str]:
    """Return the ids of all pages."""
    seen: list[BurstLine] = []
    after = ""
    while True:
        async with database.reading() as reading:
            page = await bursts(reading, msgspec.structs.replace(query, after=after))
        seen += page
        if len(page) < query.limit:
            return [each.id for each in seen]
        after = position(page[-1], query.sort)


def value_of(known: Known, sort: BurstOrder) -> Any:
    name = sort.removeprefix("-")
    return known.id if name == "id" else getattr(known, name)


def in_order(known: list[Known], sort: BurstOrder) -> list[str]:
    down = sort.startswith("-")
    having = [each for each in known if value_of(each, sort) is not None]
    lacking = [each for each in known if value_of(each, sort) is None]
    having.sort(key=lambda each: (value_of(each, sort), each.id), reverse=down)
    lacking.sort(key=lambda each: each.id, reverse=down)
    return [each.id for each in having + lacking]


async def test_bursts_come_in_every_order_page_by_page(database: Database) -> None:
    known = made(random.Random(18))
    await insert(database, known)
    for sort in BurstOrder:
        for limit in (1, 7, NUMBER):
            found = await walked(database, BurstQuery(sort=sort, limit=limit))
            assert found == in_order(known, sort), (sort, limit)


FILTERS: list[tuple[dict[str, Any], Callable[[Known], bool]]] = [
    ({"t0_from": "2026-11-22T02:00:00.000007Z"}, lambda b: b.t0 is not None and b.t0.hour >= 2),
    ({"t0_to": "2026-11-22T02:00:00.000007"}, lambda b: b.t0 is not None and b.t0.hour < 2),
    ({"instrument": "ECL"}, lambda b: b.instrument == "ECL"),
    ({"min_t90_s": 0.1, "max_t90_s": 2.0}, lambda b: b.t90 is not None and b.t90 <= 2.0),
    ({"max_epeak_kev": 200.0}, lambda b: b.epeak is not None and b.epeak < 200),
    ({"min_fluence_erg": 4e-6}, lambda b: b.fluence is not None and b.fluence >= 4e-6),
    ({"class": "short"}, lambda b: b.name == "short"),
    *(
        ({"state": state}, lambda b, state=state: b.state == state)
        for state in ("new", "open", "done", "failed", "withdrawn")
    ),
    ({"text": "z1"}, lambda b: b.id.startswith("Z1")),
    ({"text": "EVT_grm"}, lambda b: b.instrument == "GRM"),
    ({"text": "-FAILED"}, lambda b: b.state == "failed"),
    ({"text": "%"}, lambda _: False),
    ({"state": "done", "class": "long"}, lambda b: b.state == "done" and b.name == "long"),
]


async def test_bursts_are_filtered(database: Database) -> None:
    known = made(random.Random(19))
    await insert(database, known)
    for query, fits in FILTERS:
        expected = [each for each in known if fits(each)]
        for sort in (BurstOrder.ID, BurstOrder.T90_DOWN):
            asked = msgspec.convert({**query, "sort": sort, "limit": 3}, BurstQuery)
            assert await walked(database, asked) == in_order(expected, sort), query


async def test_a_day_that_does_not_exist_is_refused(database: Database) -> None:
    async with database.reading() as reading:
        with pytest.raises(InputError, match="2026-02-30"):
            await bursts(reading, BurstQuery(t0_from="2026-02-30"))


async def test_a_burst_has_the_values_of_the_last_analysis_that_has_them(
    database: Database,
) -> None:
    async def line() -> BurstLine:
        async with database.reading() as reading:
            (found,) = await bursts(reading, BurstQuery())
        return found

    async with database.transaction() as transaction:
        lock_burst(transaction, "sb1")
        set_expectations(transaction, "sb1", "1970-01-01T00:00:01Z", ())
    assert (await line()).t0_us == 1_000_000
    complete = Summary(
        instrument="GRM", t90_s=3.0, t0_utc="1970-01-01T00:00:02.5Z", classification="long",
        fluence_erg=1e-6, parameters={"epeak_kev": (300.0, 1.0, 1.0)},
    )  # fmt: skip
    for name, summary in (("t1", complete), ("t2", Summary(t90_s=4.0))):
        await end(database, name, summary)
    async with database.transaction() as transaction:
        set_expectations(transaction, "sb1", "2026-02-30T00:00:00Z", ())
    found = await line()
    assert (found.t0_us, found.t90_s, found.epeak_kev) == (2_500_000, 4.0, 300.0)
    assert (found.fluence_erg, found.burst_class, found.instrument) == (1e-6, "long", "GRM")
    assert (found.state, found.tasks, found.products) == ("done", 2, 2)


async def test_results_of_the_quick_look_last_until_the_full_data_are_analysed(
    database: Database,
) -> None:
    async def line() -> BurstLine:
        async with database.reading() as reading:
            (found,) = await bursts(reading, BurstQuery())
        return found

    async with database.transaction() as transaction:
        lock_burst(transaction, "sb1")
    assert (await line()).stream is None
    for seconds in (2.0, 3.0):
        async with database.transaction() as transaction:
            set_quick_results(transaction, "sb1", update(seconds))
    found = await line()
    assert (found.stream, found.t90_s, found.instrument) == ("vhf", 3.0, "GRM")
    assert found.t0_utc == "2026-01-01T00:00:00Z"
    assert found.t0_us is not None
    await end(database, "t1", Summary(significance=30.0, parameters={"epeak_kev": (9.0, 1.0, 1.0)}))
    async with database.transaction() as transaction:
        set_quick_results(transaction, "sb1", update(5.0))
    found = await line()
    assert (found.stream, found.t90_s, found.instrument) == ("xband", None, None)
    assert (found.significance, found.epeak_kev) == (30.0, 9.0)


async def end(database: Database, name: str, summary: Summary) -> None:
    """Run a task of burst `sb1`."""
    async with database.transaction() as transaction:
        await record_data(transaction, DataFile("sb1", "a", "1" * 64, 1, "a", "", "events"))
        await submit_task(transaction, TaskRequest(name, "sb1", (TaskInput("a"),)))
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "me")
    assert claim is not None
    product = ProductFile(f"{name}.json", "result", "application/json", 1, "0" * 64)
    outcome = PipelineOutcome(products=(product,), summary=summary, elapsed_s=1.0)
    async with database.transaction() as transaction:
        assert await finish_task(transaction, claim, outcome, name)


async def test_tasks_and_products_are_filtered_and_sorted(database: Database) -> None:
    names = [f"t{number}" for number in range(5)]
    for name in names:
        await end(database, name, Summary())
    async with database.transaction() as transaction:
        await submit_task(transaction, TaskRequest("Last", "sb2", (TaskInput("b"),)))
        await cancel_task(transaction, "Last", "50% enough")
        transaction.later("UPDATE task SET series = 'burst' WHERE task_id = 't1'")
        transaction.later("UPDATE task SET superseded_by = 't3' WHERE task_id = 't2'")

    async def task_ids(**query: Any) -> list[str]:
        asked, seen = msgspec.convert({**query, "limit": 2}, TaskQuery), []
        after, more = None, True
        while more:
            async with database.reading() as reading:
                page = await tasks(reading, asked, after)
            seen += [row.task_id for row in page]
            more = page.more
            after = (page[-1].created_at, page[-1].task_id) if page else None
        return seen

    assert await task_ids() == [*names, "Last"]
    assert await task_ids(sort="-created") == ["Last", *reversed(names)]
    assert await task_ids(sort="-created", state="done") == [*reversed(names)]
    assert await task_ids(text="50% ENOUGH") == ["Last"]
    assert await task_ids(text="last") == ["Last"]
    assert await task_ids(origin="automatic") == ["t1"]
    assert await task_ids(origin="sent", burst_id="sb1") == ["t0", "t2", "t3", "t4"]
    assert await task_ids(analysis="temporal") == []
    assert await task_ids(created_from="2000-01-01", created_to="2001-01-01") == []
    assert await task_ids(created_from="2000-01-01") == [*names, "Last"]

    async def product_names(**query: Any) -> list[str]:
        asked = msgspec.convert({**query, "limit": 2}, ProductQuery)
        seen: list[str] = []
        after = None
        while True:
            async with database.reading() as reading:
                page = await product_page(reading, asked, after)
            seen += [row.name.removesuffix(".json") for row in page]
            if len(page) < asked.limit:
                return seen
            after = (page[-1].created_at, page[-1].task_id, page[-1].name)

    assert await product_names() == names
    assert await product_names(sort=AgeOrder.NEWEST) == [*reversed(names)]
    assert await product_names(superseded=True) == ["t2"]
    assert await product_names(superseded=False) == ["t0", "t1", "t3", "t4"]
    assert await product_names(kind="figure") == []
    assert await product_names(text="T4.J") == ["t4"]
    assert await product_names(task_id="t1", created_from="2000-01-01") == ["t1"]
    assert await product_names(created_to="2000-01-01") == []

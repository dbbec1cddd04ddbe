"""The tables of the quick look: fencing, withdrawal, superseding, products."""

import pytest

from eclgrmd.errors import SurplusError
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.model.pipeline import ProductFile, Summary
from eclgrmd.store.intake.outbox import fresh_announcements
from eclgrmd.store.quicklook.bursts import due_bursts, record_update, supersede_quick_look
from eclgrmd.store.quicklook.inbox import packet_bodies, record_notice, record_packet
from eclgrmd.store.quicklook.products import (
    due_products,
    quick_look_products,
    record_quick_look_products,
)
from eclgrmd.store.quicklook.views import notices, quick_look_view, read_updates
from eclgrmd.store.sql.database import Database
from tests.support.present import present
from tests.support.quicklook.packets import box_sequence, notice
from tests.support.quicklook.updates import update

SEQUENCE = [sent.packet for sent in box_sequence(1.0, 9.0, 500.0, burst_id="sb1")]


async def received(database: Database, packets: int = 3, silence_s: float = 60.0) -> None:
    async with database.transaction() as transaction:
        for packet in SEQUENCE[:packets]:
            await record_packet(transaction, packet, silence_s)


async def announced(database: Database) -> list[str]:
    async with database.transaction() as transaction:
        return [each.message_id for each in await fresh_announcements(transaction, 100)]


async def test_a_packet_is_kept_once_and_makes_its_burst_due(database: Database) -> None:
    await received(database)
    async with database.transaction() as transaction:
        assert not await record_packet(transaction, SEQUENCE[0], 60.0)
        (due,) = await due_bursts(transaction, 10)
        bodies = await packet_bodies(transaction, "sb1", 0)
    assert due.last_packet == bodies[-1][0]
    assert len(bodies) == 3
    assert not due.final


async def test_only_the_first_of_two_answers_counts(database: Database) -> None:
    await received(database)
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        assert await record_update(transaction, due, update(5.0), due.last_packet)
        assert not await record_update(transaction, due, update(6.0), due.last_packet)
        assert await due_bursts(transaction, 10) == []
        view = await quick_look_view(transaction, "sb1")
        rows = await read_updates(transaction, "sb1", 0, 10)
    newest = present(present(view).newest)
    assert newest["instruments"][0]["duration"]["t90"]["value_s"] == 5.0
    assert [row.why for row in rows] == ["first significant excess"]
    assert await announced(database) == ["vhf-sb1-1"]


async def test_what_came_meanwhile_keeps_the_burst_due(database: Database) -> None:
    await received(database)
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        await record_packet(transaction, SEQUENCE[5], 60.0)
        assert await record_update(transaction, due, update(5.0), due.last_packet)
        (again,) = await due_bursts(transaction, 10)
    assert again.analysed_packet == due.last_packet < again.last_packet


async def test_silence_makes_it_final_and_a_late_packet_opens_it_again(database: Database) -> None:
    await received(database, silence_s=0.0)
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        assert due.final
        await record_update(transaction, due, update(5.0, final=True), due.last_packet)
        view = await quick_look_view(transaction, "sb1")
        assert view is not None
        assert view.state == "final"
        assert await due_bursts(transaction, 10) == []
        await record_packet(transaction, SEQUENCE[9], 60.0)
        (again,) = await due_bursts(transaction, 10)
        view = await quick_look_view(transaction, "sb1")
    assert view is not None
    assert view.state == "receiving"
    assert not again.final


async def test_a_withdrawn_burst_takes_no_answer_and_is_not_due(database: Database) -> None:
    await received(database)
    payload = notice(219, "retraction", "2027-02-21T17:00:00", "sb1")
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        await record_notice(transaction, read_notice(payload), payload, 60.0)
        assert not await record_update(transaction, due, update(5.0), due.last_packet)
        assert await due_bursts(transaction, 10) == []
    assert await announced(database) == ["vhf-sb1-1"]
    revival = notice(204, "slewing", "2027-02-21T17:10:00", "sb1")
    async with database.transaction() as transaction:
        await record_notice(transaction, read_notice(revival), revival, 60.0)
        (due,) = await due_bursts(transaction, 10)
        assert await record_update(transaction, due, update(5.0), due.last_packet)
    assert await announced(database) == ["vhf-sb1-1", "vhf-sb1-2", "vhf-sb1-3"]


async def test_full_data_supersede_and_the_comparison_is_kept(database: Database) -> None:
    await received(database)
    summary = Summary(instrument="GRM", t90_s=8.0, t90_err_minus_s=1.0, t90_err_plus_s=1.0)
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        await record_update(transaction, due, update(5.0), due.last_packet)
        await supersede_quick_look(transaction, "sb1", "t-1", summary)
        await supersede_quick_look(transaction, "unknown", "t-2", summary)
        view = await quick_look_view(transaction, "sb1")
    assert view is not None
    assert (view.state, view.reason) == ("superseded", "superseded by task t-1")
    (compared,) = view.comparisons
    assert compared["difference_s"] == -3.0
    assert abs(compared["sigma"] + 3.0 / 2.0**0.5) < 1e-9


async def test_sets_of_products_are_counted_and_tell_what_became_of_them(
    database: Database,
) -> None:
    await received(database)
    file = ProductFile("QHR_GRM.fits", "result", "application/fits", 5, "0" * 64)
    payload = notice(219, "retraction", "2027-02-21T17:00:00", "sb1")
    async with database.transaction() as transaction:
        for number, t90 in enumerate((5.0, 15.0), start=1):
            await record_packet(transaction, SEQUENCE[10 + number], 60.0)
            (due,) = await due_bursts(transaction, 10)
            await record_update(transaction, due, update(t90), due.last_packet)
            (products,) = await due_products(transaction, 10)
            assert products.proc_ver == number
            assert await record_quick_look_products(transaction, products, (file,), "x", 0.0)
            assert not await record_quick_look_products(transaction, products, (file,), "x", 0.0)
            assert await due_products(transaction, 10) == []
        states = [row.state for row in await quick_look_products(transaction, "sb1")]
        assert states == ["superseded", "current"]
        await record_notice(transaction, read_notice(payload), payload, 60.0)
        states = [row.state for row in await quick_look_products(transaction, "sb1")]
    assert states == ["superseded", "withdrawn"]


async def told(database: Database, kind: int, date: str, name: str = "") -> bool:
    payload = notice(kind, name or date, date, "sb1")
    async with database.transaction() as transaction:
        return await record_notice(transaction, read_notice(payload), payload, 60.0)


async def test_a_broker_that_repeats_a_notice_for_ever_fills_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.store.quicklook.inbox._MOST_NOTICES", 5)
    await received(database)
    for second in range(20):
        assert await told(database, 202, f"2027-02-21T17:00:{second:02d}")
    async with database.transaction() as transaction:
        (due,) = await due_bursts(transaction, 10)
        view = await quick_look_view(transaction, "sb1")
        kept = [each["date_utc"][17:19] for each in await notices(transaction, "sb1")]
    assert due.told == 1, "analysed again for the first of them only"
    assert kept == ["00", "16", "17", "18", "19"]
    assert len(present(present(view).notices)["ivorns"]) == 5
    assert await told(database, 219, "2027-02-21T17:00:30")
    assert await announced(database) == ["vhf-sb1-1"]


async def test_a_burst_is_not_withdrawn_and_revived_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.store.quicklook.inbox._MOST_NEWS", 5)
    await received(database)
    for number in range(2):
        assert await told(database, 202, f"2027-02-21T17:00:{2 * number:02d}")
        assert await told(database, 219, f"2027-02-21T17:00:{2 * number + 1:02d}")
    assert await told(database, 202, "2027-02-21T17:00:30")
    assert await told(database, 219, "2027-02-21T17:00:31"), "a retraction is always taken"
    with pytest.raises(SurplusError, match="5 notices have changed its burst"):
        await told(database, 202, "2027-02-21T17:00:40")
    async with database.transaction() as transaction:
        view = await quick_look_view(transaction, "sb1")
    assert view is not None
    assert view.state == "withdrawn"
    assert len(await announced(database)) == 5

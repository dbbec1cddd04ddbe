"""Files are removed by age and size, announced products first, inputs of open tasks never."""

from datetime import timedelta
from pathlib import Path

import pytest

from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError
from eclgrmd.files import DiskFullError, FileStore
from eclgrmd.hints import Hints
from eclgrmd.ingest.cleaner import Cleaner
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.store.intake.bursts import lock_burst
from eclgrmd.store.intake.data import DataFile, data_files, record_data
from eclgrmd.store.intake.outbox import fresh_announcements, mark_published
from eclgrmd.store.quicklook.products import quick_look_product
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.endings import finish_task
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.tasks import submit_task
from tests.support.settings import live


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path, "me")
    store.open()
    return store


async def bring(database: Database, files: FileStore, burst_id: str) -> Path:
    spooled = files.incoming("x")
    spooled.write_bytes(b"0123456789")
    path = files.keep_data(spooled, burst_id, "1" * 64, "a.fits")
    async with database.transaction() as transaction:
        file = DataFile(burst_id, "a.fits", "1" * 64, 10, path, "", "events", "GRM", {})
        await record_data(transaction, file)
    return files.path(path)


async def ask(database: Database, burst_id: str) -> None:
    async with database.transaction() as transaction:
        request = TaskRequest(id=burst_id, burst_id=burst_id, inputs=(TaskInput("a.fits"),))
        await submit_task(transaction, request)


async def finish(database: Database, files: FileStore) -> Path:
    async with database.transaction() as transaction:
        claim = await claim_task(transaction, "me")
        assert claim is not None
        folder = files.product_folder(claim.task_id, claim.attempt)
        files.path(folder).mkdir(parents=True)
        path = files.path(folder) / "result.json"
        path.write_bytes(b"{}")
        product = ProductFile("result.json", "result", "application/json", 2, "2" * 64)
        outcome = PipelineOutcome(products=(product,), summary=Summary(), elapsed_s=1.0)
        assert await finish_task(transaction, claim, outcome, folder)
    return path


async def publish(database: Database) -> None:
    async with database.transaction() as transaction:
        pending = await fresh_announcements(transaction, 100)
        mark_published(transaction, tuple(each.message_id for each in pending))


def cleaner(database: Database, files: FileStore, **settings: float) -> Cleaner:
    return Cleaner(database, files, Hints(), live(storage={"reserve_bytes": 0, **settings}))


async def test_what_is_old_is_cleaned_and_noted(database: Database, files: FileStore) -> None:
    data = await bring(database, files, "sb1")
    await ask(database, "sb1")
    product = await finish(database, files)
    await publish(database)
    assert await cleaner(database, files).clean() == 0
    assert await cleaner(database, files, keep_days=1e-9).clean() == 12
    assert not data.exists()
    assert not product.exists()
    async with database.transaction() as transaction:
        (row,) = await products(transaction, burst_id="sb1")
        (kept,) = await data_files(transaction, burst_id="sb1", state="", after=0, limit=9)
    assert row.cleaned_at is not None
    assert kept.cleaned_at is not None


async def test_the_input_of_an_open_task_stays(database: Database, files: FileStore) -> None:
    data = await bring(database, files, "sb1")
    await ask(database, "sb1")
    assert await cleaner(database, files, keep_days=1e-9, keep_bytes=1).clean() == 0
    assert data.exists()


async def test_products_that_nobody_heard_of_stay(database: Database, files: FileStore) -> None:
    await bring(database, files, "sb1")
    await ask(database, "sb1")
    product = await finish(database, files)
    await cleaner(database, files, keep_days=1e-9).clean()
    assert product.exists()


async def test_too_much_is_cleaned_products_first(database: Database, files: FileStore) -> None:
    data = await bring(database, files, "sb1")
    await ask(database, "sb1")
    product = await finish(database, files)
    await publish(database)
    assert await cleaner(database, files, keep_bytes=10).clean() == 2
    assert data.exists()
    assert not product.exists()
    assert await cleaner(database, files, keep_bytes=9).clean() == 10


async def test_a_cleaned_file_can_be_brought_again(database: Database, files: FileStore) -> None:
    await bring(database, files, "sb1")
    await cleaner(database, files, keep_days=1e-9).clean()
    data = await bring(database, files, "sb1")
    await ask(database, "sb1")
    await finish(database, files)
    assert data.exists()


def test_a_disk_without_reserve_takes_nothing_more(files: FileStore) -> None:
    files.check_room(10, 0)
    with pytest.raises(DiskFullError, match="bytes free, of which") as caught:
        files.check_room(10, 2**60)
    assert isinstance(caught.value, TransientError)


async def keep_packets(database: Database, burst_id: str, state: str, days: float) -> None:
    """Create two packets of 100 bytes, the newer one of the given age in days."""
    async with database.transaction() as transaction:
        lock_burst(transaction, burst_id)
        transaction.later(
            "INSERT INTO vhf (burst_id, state, reason, silent_at, changed_at) "
            "VALUES (%(burst)s, %(state)s, '', NOW(6), NOW(6))",
            burst=burst_id,
            state=state,
        )
        for number in range(2):
            transaction.later(
                "INSERT INTO packet (burst_id, digest, kind, instrument, number, time_s, body, "
                "received_at) VALUES (%(burst)s, %(digest)s, 'x', 'GRM', %(number)s, 0, "
                "REPEAT('x', 100), NOW(6) - INTERVAL %(hours)s HOUR)",
                burst=burst_id,
                digest=str(number) * 64,
                number=number,
                hours=round(24 * (days + number)),
            )
        transaction.later(
            "UPDATE vhf SET packet_bytes = 200, packet_at = NOW(6) - INTERVAL %(hours)s HOUR "
            "WHERE burst_id = %(burst)s",
            burst=burst_id,
            hours=round(24 * days),
        )


async def bursts_with_packets(database: Database) -> set[str]:
    async with database.reading() as transaction:
        rows = await transaction.rows(dict, "SELECT DISTINCT burst_id FROM packet")
    return {row["burst_id"] for row in rows}


async def test_vhf_packets_have_an_age_of_their_own(database: Database, files: FileStore) -> None:
    await keep_packets(database, "old", "final", 31)
    await keep_packets(database, "open", "receiving", 31)
    await keep_packets(database, "young", "final", 29)
    data = await bring(database, files, "sb1")
    assert await cleaner(database, files, vhf_keep_days=30).clean() == 200
    assert await bursts_with_packets(database) == {"open", "young"}
    assert data.exists()


async def test_too_many_vhf_packets_are_cleaned_superseded_ones_first(
    database: Database, files: FileStore
) -> None:
    await keep_packets(database, "older", "final", 3)
    await keep_packets(database, "superseded", "superseded", 1)
    await keep_packets(database, "newer", "final", 2)
    assert await cleaner(database, files, vhf_keep_bytes=400).clean() == 200
    assert await bursts_with_packets(database) == {"older", "newer"}
    assert await cleaner(database, files, vhf_keep_bytes=200).clean() == 200
    assert await bursts_with_packets(database) == {"newer"}


async def test_a_clock_that_is_set_ahead_cleans_nothing(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = await bring(database, files, "sb1")
    tidy = cleaner(database, files)
    ahead = utc_now() + timedelta(days=3650)
    for module in ("cleaner", "age"):
        monkeypatch.setattr(f"eclgrmd.ingest.{module}.utc_now", lambda: ahead)
    assert await tidy.clean() == 0
    assert data.exists()
    assert await cleaner(database, files).clean() == 0  # nor when it is ahead from the start
    assert await cleaner(database, files).clean() == 0  # nor at the next one
    assert data.exists()


async def keep_quick_look(
    database: Database, files: FileStore, burst_id: str, state: str, days: float
) -> list[Path]:
    """Create two sets of one product of 10 bytes, the newer one of the given age in days."""
    paths = []
    async with database.transaction() as transaction:
        lock_burst(transaction, burst_id)
        transaction.later(
            "INSERT INTO vhf (burst_id, state, reason, silent_at, changed_at, proc_ver) "
            "VALUES (%(burst)s, %(state)s, '', NOW(6), NOW(6), 2)",
            burst=burst_id,
            state=state,
        )
        for proc_ver in (1, 2):
            path = f"products/vhf-{burst_id}/{proc_ver}/QHR_GRM.fits"
            paths.append(files.path(path))
            paths[-1].parent.mkdir(parents=True)
            paths[-1].write_bytes(bytes(10))
            transaction.later(
                "INSERT INTO vhf_product (burst_id, proc_ver, name, version, kind, media_type, "
                "size, sha256, path, created_at) VALUES (%(burst)s, %(proc)s, 'QHR_GRM.fits', "
                "%(proc)s, 'x', 'x', 10, '', %(path)s, NOW(6) - INTERVAL %(hours)s HOUR)",
                burst=burst_id,
                proc=proc_ver,
                path=path,
                hours=round(24 * days) + 2 - proc_ver,
            )
    return paths


async def test_quick_look_products_age_as_their_packets_do(
    database: Database, files: FileStore
) -> None:
    old = await keep_quick_look(database, files, "old", "final", 31)
    young = await keep_quick_look(database, files, "young", "superseded", 29)
    going_on = await keep_quick_look(database, files, "open", "receiving", 31)
    assert await cleaner(database, files, vhf_keep_days=30, keep_days=1).clean() == 20
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in (*young, *going_on))
    async with database.reading() as transaction:
        row = await quick_look_product(transaction, "old", 2, "QHR_GRM.fits")
    assert row is not None
    assert row.cleaned_at is not None


async def test_quick_look_products_that_nobody_heard_of_stay(
    database: Database, files: FileStore
) -> None:
    kept = await keep_quick_look(database, files, "sb1", "final", 31)
    async with database.transaction() as transaction:
        transaction.later(
            "INSERT INTO outbox (message_id, activity, note, created_at) "
            "VALUES ('vhf-products-sb1-2', '', '', NOW(6))"
        )
    assert await cleaner(database, files, vhf_keep_days=30).clean() == 10
    assert [path.exists() for path in kept] == [False, True]


async def test_of_too_much_quick_look_products_go_before_packets_and_superseded_sets_first(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.ingest.cleaner._QUICK_LOOK_BATCH", 1)
    await keep_packets(database, "packets", "final", 5)
    older = await keep_quick_look(database, files, "older", "final", 3)
    newer = await keep_quick_look(database, files, "newer", "final", 1)
    assert await cleaner(database, files, vhf_keep_bytes=220).clean() == 20
    assert [path.exists() for path in (*older, *newer)] == [False, True, False, True]
    assert await cleaner(database, files, vhf_keep_bytes=200).clean() == 20
    assert await bursts_with_packets(database) == {"packets"}
    assert await cleaner(database, files, vhf_keep_bytes=199).clean() == 200


async def test_what_was_announced_long_ago_is_forgotten_and_its_products_still_cleaned(
    database: Database, files: FileStore
) -> None:
    await bring(database, files, "sb1")
    await ask(database, "sb1")
    product = await finish(database, files)
    await publish(database)
    async with database.transaction() as transaction:
        transaction.later("UPDATE outbox SET published_at = NOW(6) - INTERVAL 91 DAY")
        transaction.later(
            "INSERT INTO outbox (message_id, activity, note, created_at, published_at) "
            "VALUES ('new', '', '', NOW(6), NOW(6)), ('unpublished', '', '', NOW(6), NULL)"
        )
    assert await cleaner(database, files).clean() == 0
    async with database.reading() as transaction:
        rows = await transaction.rows(dict, "SELECT message_id FROM outbox")
    assert {row["message_id"] for row in rows} == {"new", "unpublished"}
    assert await cleaner(database, files, keep_bytes=10).clean() == 2
    assert not product.exists()


async def test_bad_messages_are_forgotten_when_they_are_old(
    database: Database, files: FileStore
) -> None:
    async with database.transaction() as transaction:
        transaction.later(
            "INSERT INTO fault (subject, reason, received, at) VALUES "
            "('old', '', '', NOW(6) - INTERVAL 91 DAY), ('new', '', '', NOW(6) - INTERVAL 89 DAY)"
        )
    await cleaner(database, files).clean()
    async with database.reading() as transaction:
        rows = await transaction.rows(dict, "SELECT subject FROM fault")
    assert [row["subject"] for row in rows] == ["new"]

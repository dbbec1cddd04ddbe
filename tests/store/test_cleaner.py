"""Cleaning: by age and by size, announced products first, never the input of an open task."""

from pathlib import Path

import pytest

from eclgrmd.config import StorageSettings
from eclgrmd.errors import TransientError
from eclgrmd.ingest.cleaner import Cleaner
from eclgrmd.model.messages import TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.store.claims import claim_task, finish_task
from eclgrmd.store.data import DataFile, data_files, record_data
from eclgrmd.store.database import Database
from eclgrmd.store.files import DiskFullError, FileStore
from eclgrmd.store.outbox import mark_published, unpublished
from eclgrmd.store.products import products
from eclgrmd.store.tasks import submit_task


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
        pending = await unpublished(transaction, 100)
        mark_published(transaction, tuple(each.outbox_id for each in pending))


def cleaner(database: Database, files: FileStore, **settings: float) -> Cleaner:
    return Cleaner(database, files, StorageSettings(**{"reserve_bytes": 0, **settings}))


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
    assert row["cleaned_at"] is not None
    assert kept["cleaned_at"] is not None


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

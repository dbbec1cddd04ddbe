"""A data file is accepted completely, refused with a reason, or postponed."""

import errno
import shutil
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.compute import Workers
from eclgrmd.errors import InputError, MachineError, TransientError
from eclgrmd.files import DiskFullError, FileStore
from eclgrmd.hints import Hints
from eclgrmd.ingest.receive import Expected, Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.store.intake.data import data_files
from eclgrmd.store.sql.database import Database
from tests.support.answering import Answering
from tests.support.settings import live

CHUNK = 1000


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "files", "me")
    store.open()
    return store


def receiver(database: Database, files: FileStore, readers: Workers, reserve: int = 0) -> Receiver:
    return Receiver(
        database,
        files,
        readers,
        Hints(),
        settings=live(storage={"reserve_bytes": reserve}),
        metrics=Metrics(),
    )


def wanted(**change: Any) -> Expected:
    return Expected("sb1", "a.fits", None, None, 10**9)._replace(**change)


async def chunks(number: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield bytes(CHUNK)


async def rows(database: Database) -> list[str]:
    async with database.reading() as transaction:
        found = await data_files(transaction, burst_id="sb1", state="", after=0, limit=99)
    return [row.state for row in found]


def spectrum() -> bytes:
    """Write a spectrum with four channels."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("CHANNEL", "J", array=np.arange(4)),
            fits.Column("COUNTS", "J", array=np.arange(4)),
        ],
        name="SPECTRUM",
    )
    table.header["EXPOSURE"] = 1.0
    written = BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(written)
    return written.getvalue()


async def test_the_reserve_holds_though_nobody_told_the_length(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter(range(10 * CHUNK, -10 * CHUNK, -CHUNK))
    monkeypatch.setattr(files, "free_bytes", lambda: next(free))
    taking = receiver(database, files, Answering(None), reserve=5 * CHUNK)
    with pytest.raises(DiskFullError, match=f"of which {5 * CHUNK} are kept"):
        await taking.receive(wanted(), chunks(100))
    assert next(free) == 4 * CHUNK  # of ten, four were written, and the next was looked at
    assert await rows(database) == []
    assert not [path for path in files.root.rglob("*") if path.is_file()]


async def test_a_disk_that_fills_up_on_the_way_is_waited_for(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "incoming", lambda _unique: Path("/dev/full"))
    monkeypatch.setattr(files, "forget_incoming", lambda _path: None)
    with pytest.raises(DiskFullError, match="the file store: no space left on the disk: make room"):
        await receiver(database, files, Answering(None)).receive(wanted(), chunks(100))
    assert await rows(database) == []


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EMFILE, errno.EDQUOT])
async def test_what_the_machine_lacks_is_told_with_what_to_do(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def failing(*_arguments: object) -> str:
        raise OSError(number, "told by the kernel", "/place")

    monkeypatch.setattr(files, "keep_data", failing)
    taking = receiver(database, files, Answering({"kind": "spectrum", "instrument": "GRM"}))
    with pytest.raises(TransientError, match=r"the file store: (the disk|too many open files)"):
        await taking.receive(wanted(), chunks(1))
    assert await rows(database) == []


async def test_a_reader_without_room_leaves_the_file_for_later(
    database: Database, files: FileStore
) -> None:
    lacking = receiver(database, files, Answering(MachineError("no room left on the disk")))
    with pytest.raises(TransientError, match="no room left"):
        await lacking.receive(wanted(), chunks(1))
    assert await rows(database) == []
    described = {"kind": "spectrum", "instrument": "GRM"}
    row, new = await receiver(database, files, Answering(described)).receive(wanted(), chunks(1))
    assert new
    assert row.state == "accepted"


async def test_a_scratch_folder_that_is_gone_is_no_fault_of_the_file(
    database: Database, files: FileStore, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    async def sent() -> AsyncIterator[bytes]:
        yield spectrum()

    async with Workers(1, scratch_dir=scratch) as readers:
        taking = receiver(database, files, readers)
        await taking.receive(wanted(name="before.pha"), sent())
        shutil.rmtree(scratch)
        scratch.write_text("no folder")
        with pytest.raises(TransientError, match=r"a\.pha could not be inspected, nothing is"):
            await taking.receive(wanted(name="a.pha"), sent())
        scratch.unlink()
        scratch.mkdir()
        row, _ = await taking.receive(wanted(name="a.pha"), sent())
    assert row.state == "accepted"
    assert await rows(database) == ["accepted", "accepted"]


async def test_a_store_whose_disk_is_not_mounted_takes_nothing(
    database: Database, files: FileStore
) -> None:
    shutil.rmtree(files.root)
    files.root.mkdir()
    with pytest.raises(TransientError, match="is its disk mounted"):
        await receiver(database, files, Answering(None)).receive(wanted(), chunks(1))
    assert list(files.root.iterdir()) == []


async def test_a_file_longer_than_the_limit_is_refused_where_it_is_reached(
    database: Database, files: FileStore
) -> None:
    taking = receiver(database, files, Answering(None))
    with pytest.raises(InputError, match="longer than the limit of 2500 bytes"):
        await taking.receive(wanted(limit=2500), chunks(10**9))

"""A backup is restored as it was; an incomplete one is refused."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.errors import InputError
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.faults import record_fault
from eclgrmd.store.maintenance.backup import back_up, restore
from eclgrmd.store.sql import migrate as migrate_module
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate
from eclgrmd.store.tasks.tasks import submit_task

CONTENT = b"SIMPLE  =                    T"
NAME = "γ-events.fits"


@pytest.fixture
async def other(mariadb: PrivateMariaDB) -> AsyncIterator[Database]:
    """An empty database."""
    name = f"test_{uuid4().hex[:12]}"
    address = Address(mariadb.user, name, unix_socket=str(mariadb.unix_socket))
    database = Database(address, pool_size=2, timeout_s=10.0)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def files(database: Database, tmp_path: Path) -> Path:
    """A file store, and a database with its file, tasks, and a message of arbitrary bytes."""
    root = tmp_path / "files"
    path = f"data/sb1/x/{NAME}"
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(CONTENT)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    async with database.transaction() as transaction:
        request = TaskRequest(id="t1", burst_id="sb1", inputs=(TaskInput(NAME),))
        await submit_task(transaction, request)
        await transaction.insert_all(
            "INSERT INTO burst (burst_id, t0_met_s, created_at) VALUES (%(id)s, %(t)s, NOW(6))",
            [{"id": f"sb{number}", "t": number / 7} for number in range(2, 1201)],
        )
        file = DataFile("sb1", NAME, sha256, len(CONTENT), path, "", "events", "GRM", {"a": 1.5})
        await record_data(transaction, file)
        record_fault(
            transaction, subject="s", message_id="m", received=bytes(range(256)), reason="r\n'%s"
        )
    return root


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of all tables, each sorted by its first columns."""
    found = {}
    async with database.transaction() as transaction:
        for row in await transaction.rows(dict, "SHOW TABLES"):
            (name,) = row.values()
            every = f"SELECT * FROM `{name}` ORDER BY 1, 2, 3"  # noqa: S608 - a table of ours
            found[name] = await transaction.rows(dict, every)
    return found


async def test_all_comes_back_as_it_was(
    database: Database, other: Database, files: Path, tmp_path: Path
) -> None:
    written = await back_up(database, tmp_path / "backup", files)
    assert (written.files, written.bytes) == (1, len(CONTENT))

    await restore(other, tmp_path / "backup", tmp_path / "again")

    before, after = await everything(database), await everything(other)
    assert len(before["burst"]) == 1200
    assert len(before["task"]) == 1
    assert before["fault"][0]["received"] == bytes(range(256))
    assert after == before
    assert (tmp_path / "again" / "data" / "sb1" / "x" / NAME).read_bytes() == CONTENT
    assert await migrate(other) == written.tables.schema


async def test_what_is_written_meanwhile_is_not_in_it(
    database: Database, other: Database, files: Path, tmp_path: Path
) -> None:
    async with database.snapshot() as snapshot:
        async with database.transaction() as transaction:
            await transaction.execute("DELETE FROM burst WHERE burst_id = 'sb2'")
        rows = await snapshot.rows("SELECT COUNT(*) AS number FROM burst")
    assert rows == [{"number": 1200}]


async def test_a_damaged_file_is_told(database: Database, files: Path, tmp_path: Path) -> None:
    (files / f"data/sb1/x/{NAME}").write_bytes(b"X" * len(CONTENT))
    with pytest.raises(InputError, match=r"events\.fits: damaged"):
        await back_up(database, tmp_path / "backup", files)
    with pytest.raises(InputError, match=r"no complete backup: backup\.json"):
        await restore(database, tmp_path / "backup", tmp_path / "again")


async def test_a_file_that_was_cleaned_meanwhile_is_known_as_cleaned(
    database: Database, other: Database, files: Path, tmp_path: Path
) -> None:
    (files / f"data/sb1/x/{NAME}").unlink()
    written = await back_up(database, tmp_path / "backup", files)
    assert written.files == 0
    await restore(other, tmp_path / "backup", tmp_path / "again")
    async with other.transaction() as transaction:
        row = await transaction.row(dict, "SELECT cleaned_at FROM data_file")
    assert row is not None
    assert row["cleaned_at"] is not None


async def test_nothing_is_overwritten(database: Database, files: Path, tmp_path: Path) -> None:
    await back_up(database, tmp_path / "backup", files)
    with pytest.raises(InputError, match="not empty; a backup needs an empty or new folder"):
        await back_up(database, tmp_path / "backup", files)
    with pytest.raises(InputError, match="restore into an empty file store"):
        await restore(database, tmp_path / "backup", files)
    with pytest.raises(InputError, match="the database is not empty"):
        await restore(database, tmp_path / "backup", tmp_path / "again")


async def test_a_cut_off_table_is_refused(
    database: Database, other: Database, files: Path, tmp_path: Path
) -> None:
    await back_up(database, tmp_path / "backup", files)
    table = tmp_path / "backup" / "tables" / "burst.jsonl.gz"
    lines = gzip.decompress(table.read_bytes()).splitlines(keepends=True)
    table.write_bytes(gzip.compress(b"".join(lines[:-1])))
    with pytest.raises(InputError, match="burst has 1199 rows, the backup was made of 1200"):
        await restore(other, tmp_path / "backup", tmp_path / "again")


async def test_a_migration_has_the_tables_backed_up_first(
    other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def before(version: int) -> None:
        seen.append(version)
        await back_up(other, tmp_path / "backup", None)

    known = migrate_module.migrations()
    await migrate(other, before)
    await migrate(other, before)
    assert seen == []  # nothing was there, then nothing was to be done
    newer = [*known, (known[-1][0] + 1, "newer", "CREATE TABLE newer (x INT);")]
    monkeypatch.setattr(migrate_module, "migrations", lambda: newer)
    await migrate(other, before)
    assert seen == [known[-1][0]]
    tables = await asyncio.to_thread(lambda: list((tmp_path / "backup" / "tables").iterdir()))
    assert {path.name for path in tables} >= {"task.jsonl.gz", "schema_version.jsonl.gz"}
    assert "newer.jsonl.gz" not in {path.name for path in tables}

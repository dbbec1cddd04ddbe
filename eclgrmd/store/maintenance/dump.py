"""Dump and load of the whole database: one compressed JSON-lines file per table."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError
from eclgrmd.store.sql.connections import Row
from eclgrmd.store.sql.database import Database, Snapshot
from eclgrmd.store.sql.identifiers import columns, identifier, placeholders
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["Dump", "Table", "dump", "load"]

_BATCH_BYTES = 500_000
"""Bytes of rows that are inserted at a time, below the server's limit on a statement (16 MB)."""
_BINARY = ("blob", "binary")
"""Parts of the names of column types that hold bytes."""


class Table(Struct, frozen=True):
    """A dumped table."""

    name: str
    """Name of the table."""
    create: str
    """The `CREATE TABLE` statement."""
    binary: tuple[str, ...]
    """Columns of bytes, which are written as hexadecimal digits."""
    rows: int
    """Number of rows."""


class Dump(Struct, frozen=True):
    """All tables at one moment."""

    schema: int
    """Number of the newest applied migration."""
    tables: tuple[Table, ...]
    """The tables, sorted by name."""


async def dump(database: Database, folder: Path) -> Dump:
    """Write a snapshot of every table into a folder: `NAME.jsonl.gz`, one JSON object per row.

    Raises
    ------
    InputError
        If the database has no tables yet.
    """
    async with database.snapshot() as snapshot:
        names = [next(iter(row.values())) for row in await snapshot.rows("SHOW TABLES")]
        if "schema_version" not in names:
            raise InputError("the database is empty: no daemon has used it yet")
        tables = [await _dump_table(snapshot, name, folder) for name in sorted(names)]
        (newest,) = await snapshot.rows("SELECT MAX(version) AS version FROM schema_version")
    return Dump(schema=int(newest["version"]), tables=tuple(tables))


async def load(database: Database, folder: Path, written: Dump) -> None:
    """Create and fill the tables of a dump in an empty database.

    Raises
    ------
    InputError
        If the database is not empty, or if the folder does not match the dump.
    """
    async with database.transaction() as transaction:
        if await transaction.values(str, "SHOW TABLES"):
            raise InputError("the database is not empty: restore into an empty one")
        # Tables refer to each other, so that no order of creation would satisfy the checks.
        await transaction.execute("SET SESSION foreign_key_checks = 0")
        for table in written.tables:
            await transaction.execute(table.create.replace("%", "%%"))
        for table in written.tables:
            await _load_table(transaction, folder, table)
        await transaction.execute("SET SESSION foreign_key_checks = 1")


async def _dump_table(snapshot: Snapshot, name: str, folder: Path) -> Table:
    (created,) = await snapshot.rows(f"SHOW CREATE TABLE {identifier(name)}")
    described = await snapshot.rows(f"SHOW COLUMNS FROM {identifier(name)}")
    count = 0
    file = await asyncio.to_thread(gzip.open, folder / f"{name}.jsonl.gz", "wb", 1)
    try:
        async for rows in snapshot.batches(f"SELECT * FROM {identifier(name)}"):
            await asyncio.to_thread(file.write, b"".join(map(_line, rows)))
            count += len(rows)
    finally:
        await asyncio.to_thread(file.close)
    return Table(
        name=name,
        create=created["Create Table"],
        binary=tuple(
            column["Field"]
            for column in described
            if any(kind in column["Type"].lower() for kind in _BINARY)
        ),
        rows=count,
    )


def _line(row: Row) -> bytes:
    plain = {key: _plain(value) for key, value in row.items()}
    return msgspec.json.encode(plain) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat(" ") if isinstance(value, datetime) else value


async def _load_table(transaction: Transaction, folder: Path, table: Table) -> None:
    count = 0
    async for rows in _batches(folder / f"{table.name}.jsonl.gz"):
        await transaction.insert_all(
            f"INSERT INTO {identifier(table.name)} ({columns(rows[0])}) "
            f"VALUES ({placeholders(rows[0], binary=table.binary)})",
            rows,
        )
        count += len(rows)
    if count != table.rows:
        raise InputError(
            f"{folder}: table {table.name} has {count} rows, the backup was made of {table.rows}"
        )


async def _batches(path: Path) -> AsyncIterator[list[Row]]:
    try:
        with await asyncio.to_thread(gzip.open, path, "rb") as file:
            while lines := await asyncio.to_thread(lambda: list(_some(file))):
                yield [msgspec.json.decode(line) for line in lines]
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _some(file: Any) -> Iterator[bytes]:
    size = 0
    while size < _BATCH_BYTES and (line := file.readline()):
        size += len(line)
        yield line

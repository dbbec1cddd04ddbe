"""Backups: a snapshot of the tables, the files that they name, and `backup.json` as their list."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from eclgrmd import __version__
from eclgrmd.clock import utc_now
from eclgrmd.errors import InputError
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.identifiers import identifier

from .dump import Dump, dump, load

__all__ = ["Backup", "back_up", "restore"]

_PAGE = "backup.json"
"""Written last: a folder without it is no complete backup."""
_CHUNK = 1 << 20
"""Bytes that are copied at a time."""
_FILES = (
    "SELECT path, sha256 FROM data_file WHERE cleaned_at IS NULL AND path <> '' "
    "UNION SELECT path, sha256 FROM product WHERE cleaned_at IS NULL "
    "UNION SELECT path, sha256 FROM vhf_product WHERE cleaned_at IS NULL"
)


class _File(Struct, frozen=True):
    path: str
    sha256: str


class Backup(Struct, frozen=True):
    """The content of `backup.json`: what the folder of a backup contains."""

    version: str
    """Version of the eclgrmd that wrote the backup."""
    created_utc: str
    """When it was written, ISO-8601 UTC."""
    tables: Dump
    """The dumped tables."""
    files: int | None
    """Number of files; None: a backup of the tables alone."""
    bytes: int
    """Size of all files, bytes."""


async def back_up(database: Database, folder: Path, files: Path | None) -> Backup:
    """Write a backup into a new or empty folder; it is complete once `backup.json` is there.

    A daemon may run meanwhile. Every copied file is compared with its checksum.

    Parameters
    ----------
    files
        Root of the file store; None: back up the tables alone.

    Raises
    ------
    InputError
        If the folder is not empty or not writable, or if a file is damaged.
    """
    tables = folder / "tables"
    await asyncio.to_thread(_prepare, folder, tables)
    written = await dump(database, tables)
    count, size = 0, 0
    if files is not None:
        async with database.transaction() as transaction:
            rows = await transaction.rows(_File, _FILES)
        wanted = [(row.path, row.sha256) for row in rows]
        count, size = await asyncio.to_thread(_copy_all, wanted, files, folder / "files")
    backup = Backup(
        version=__version__,
        created_utc=utc_now().isoformat(timespec="seconds") + "Z",
        tables=written,
        files=None if files is None else count,
        bytes=size,
    )
    page = msgspec.json.format(msgspec.json.encode(backup))
    await asyncio.to_thread(_write, folder / _PAGE, page)
    return backup


async def restore(database: Database, folder: Path, files: Path) -> Backup:
    """Restore a backup into an empty database and file store.

    Raises
    ------
    InputError
        If the backup is incomplete, or if the database or the file store is not empty.
    """
    backup = await asyncio.to_thread(_read_page, folder)
    if backup.files is not None:
        await asyncio.to_thread(_copy_back, folder / "files", files)
    await load(database, folder / "tables", backup.tables)
    if backup.files is not None:
        await _forget_missing(database, files)
    return backup


async def _forget_missing(database: Database, files: Path) -> None:
    """Mark files as cleaned that had been removed before they could be copied."""
    now = utc_now()
    async with database.transaction() as transaction:
        for table in ("data_file", "product", "vhf_product"):
            paths = await transaction.values(
                str, f"SELECT path FROM {identifier(table)} WHERE cleaned_at IS NULL AND path <> ''"
            )
            for path in await asyncio.to_thread(_missing, files, paths):
                await transaction.execute(
                    f"UPDATE {identifier(table)} SET cleaned_at = %(now)s WHERE path = %(path)s",
                    now=now,
                    path=path,
                )


def _missing(files: Path, paths: Iterable[str]) -> list[str]:
    return [path for path in paths if not (files / path).exists()]


def _prepare(folder: Path, tables: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise InputError(f"{folder}: not empty; a backup needs an empty or new folder")
        tables.mkdir(mode=0o700)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from error


def _copy_all(wanted: Iterable[tuple[str, str]], source: Path, target: Path) -> tuple[int, int]:
    count, size = 0, 0
    for path, sha256 in wanted:
        try:
            size += _copy(source / path, target / path, sha256)
        except FileNotFoundError:
            continue  # cleaned since the tables were read
        except OSError as error:
            raise InputError(f"{source / path}: cannot be copied: {error.strerror}") from error
        count += 1
    return count, size


def _copy(source: Path, target: Path, sha256: str = "") -> int:
    """Copy a file to disk, check its checksum if there is one, and return its size in bytes."""
    digest = hashlib.sha256()
    with source.open("rb") as original:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            while chunk := original.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
            size = copy.tell()
    if sha256 and digest.hexdigest() != sha256:
        raise InputError(f"{source}: damaged, its sha256 is not {sha256}")
    return size


def _copy_back(source: Path, files: Path) -> None:
    for kind in ("data", "products"):
        if (files / kind).is_dir() and any((files / kind).iterdir()):
            raise InputError(f"{files / kind}: not empty; restore into an empty file store")
    for path in source.rglob("*"):
        if path.is_file():
            _copy(path, files / path.relative_to(source))


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_page(folder: Path) -> Backup:
    try:
        return msgspec.json.decode((folder / _PAGE).read_bytes(), type=Backup)
    except OSError as error:
        raise InputError(f"{folder}: no complete backup: {_PAGE}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{folder / _PAGE}: {error}") from error

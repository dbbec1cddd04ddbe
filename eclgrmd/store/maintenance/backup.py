"""A backup: the tables of one moment, the files that they tell of, and a page that lists both."""

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
_CHUNK = 1 << 20
_FILES = (
    "SELECT path, sha256 FROM data_file WHERE cleaned_at IS NULL AND path <> '' "
    "UNION SELECT path, sha256 FROM product WHERE cleaned_at IS NULL "
    "UNION SELECT path, sha256 FROM vhf_product WHERE cleaned_at IS NULL"
)


class _File(Struct, frozen=True):
    path: str
    sha256: str


class Backup(Struct, frozen=True):
    """What lies in a backup's folder."""

    version: str
    """Of the eclgrmd that wrote it."""
    created_utc: str
    tables: Dump
    files: int | None
    """Number of files; None: a backup of the tables alone."""
    bytes: int
    """Size of all files."""


async def back_up(database: Database, folder: Path, files: Path | None) -> Backup:
    """Write a backup into a new or empty folder; whole only once its ``backup.json`` is there.

    A daemon may go on meanwhile. Every file is compared with its checksum on the way.

    Parameters
    ----------
    files
        Root of the file store; None: the tables alone.

    Raises
    ------
    InputError
        When the folder is not empty or cannot be written, or a file is damaged.
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
    """Bring a backup back into an empty database and file store.

    Raises
    ------
    InputError
        When the backup is not whole, or there is something already where it goes.
    """
    backup = await asyncio.to_thread(_read_page, folder)
    if backup.files is not None:
        await asyncio.to_thread(_copy_back, folder / "files", files)
    await load(database, folder / "tables", backup.tables)
    if backup.files is not None:
        await _forget_missing(database, files)
    return backup


async def _forget_missing(database: Database, files: Path) -> None:
    """Take files for cleaned that had been when they were to be copied."""
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
            raise InputError(f"{folder}: not empty; a backup wants a folder of its own")
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
    """Copy a file, and compare it with its checksum where there is one."""
    digest = hashlib.sha256()
    with source.open("rb") as given:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as taken:
            while chunk := given.read(_CHUNK):
                digest.update(chunk)
                taken.write(chunk)
            taken.flush()
            os.fsync(taken.fileno())
            size = taken.tell()
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
        raise InputError(f"{folder}: no whole backup: {_PAGE}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{folder / _PAGE}: {error}") from error

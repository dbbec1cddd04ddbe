"""Intake of a data file: receive, check, inspect in a worker, store and record."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from uuid import uuid4

import structlog

from eclgrmd.compute import Sandbox, WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import FatalError, InputError, TransientError, brief
from eclgrmd.files import FileStore, disk_errors
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.access.audit import Note, nothing_noted
from eclgrmd.store.intake.data import DataFile, known_data, record_data
from eclgrmd.store.intake.data_rows import DataRow
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.tasks import promote_tasks

from .worker_functions import inspect

__all__ = ["Expected", "Receiver"]

_INSPECTION_BASE_S = 10.0
"""Time limit for the inspection of an empty file."""
_INSPECTION_BYTES_S = 4_000_000
"""Additional time limit, bytes per second; a reader is much faster, but packed files unpack to
many times their size."""
_INSPECTION_LIMIT_S = 120.0
"""Longest time limit for an inspection."""


class Expected(NamedTuple):
    """The announced properties of a file that is about to be received."""

    burst_id: str
    """The burst to which it belongs."""
    name: str
    """Its name, without folders."""
    sha256: str | None
    """Checksum, hexadecimal; None: not announced."""
    size: int | None
    """Size, bytes; None: not announced."""
    limit: int
    """Longest accepted size, bytes."""
    sender: str = ""
    """Key of the client that uploads it, or the server of a link."""


class Receiver:
    """Receives data files from uploads and downloads."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        readers: Workers,
        hints: Hints,
        *,
        settings: LiveSettings,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._files = files
        self._readers = readers
        self._settings = settings
        self._hints = hints
        self._metrics = metrics
        self._log = structlog.get_logger("ingest")

    async def receive(
        self, expected: Expected, chunks: AsyncIterator[bytes], note: Note = nothing_noted
    ) -> tuple[DataRow, bool]:
        """Receive a file; return its row, and whether it is new, which `note` records.

        Raises
        ------
        InputError
            If the file has another length or checksum than announced.
        TransientError
            If it cannot be stored or inspected now; DiskFullError if there is no room.
        """
        began = time.monotonic()
        if expected.sha256 and (known := await self._known(expected, expected.sha256)):
            return known, False
        await asyncio.to_thread(self._files.check_room, expected.size or 0, self._reserve_bytes)
        spooled = await asyncio.to_thread(self._files.incoming, uuid4().hex)
        try:
            size, sha256 = await _spool(spooled, expected, chunks, self._check_room)
            if known := await self._known(expected, sha256):
                return known, False
            file = await self._examined(expected, spooled, size, sha256)
        finally:
            await asyncio.to_thread(self._files.forget_incoming, spooled)
        row = await self._recorded(file, note)
        self._metrics.stages.labels("receive").observe(time.monotonic() - began)
        return row, True

    @property
    def _reserve_bytes(self) -> int:
        return self._settings.now.storage.reserve_bytes

    def _check_room(self, size: int) -> None:
        self._files.check_room(size, self._reserve_bytes)

    async def refuse(self, expected: Expected, reason: str) -> None:
        """Record a file that could not be received."""
        await self._recorded(
            DataFile(expected.burst_id, expected.name, expected.sha256 or "", 0, "", reason)
        )

    async def _known(self, expected: Expected, sha256: str) -> DataRow | None:
        async with self._database.reading() as transaction:
            row = await known_data(transaction, expected.burst_id, expected.name, sha256)
        return row if row and row.is_here else None

    async def _examined(
        self, expected: Expected, spooled: Path, size: int, sha256: str
    ) -> DataFile:
        reason, description = "", None
        try:
            description = await self._inspected(spooled, expected, size)
        except InputError as error:
            reason = str(error)
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            reason = f"{expected.name}: cannot be read safely: {error}"
        except (FatalError, TransientError):
            raise
        except Exception as error:  # noqa: BLE001 - a defect of a reader concerns this file only
            self._log.exception("file not read", burst_id=expected.burst_id, name=expected.name)
            defect = f"{type(error).__name__}: {error}"
            reason = brief(f"{expected.name}: eclgrmd failed to read it: {defect}")
        with disk_errors():
            path = await asyncio.to_thread(
                self._files.keep_data, spooled, expected.burst_id, sha256, expected.name
            )
        return DataFile(
            burst_id=expected.burst_id,
            name=expected.name,
            sha256=sha256,
            size=size,
            path=path,
            reason=reason,
            kind=description["kind"] if description else None,
            instrument=description["instrument"] if description else None,
            description=description,
        )

    async def _inspected(self, spooled: Path, expected: Expected, size: int) -> dict[str, Any]:
        """Inspect a file in a worker; retry once if the worker died.

        Senders and their bursts take turns. No sender occupies all readers, and no burst all of a
        sender's, so that a file never waits for all files of another burst.
        """
        limit_s = min(_INSPECTION_BASE_S + size / _INSPECTION_BYTES_S, _INSPECTION_LIMIT_S)
        shares = (f"sender {expected.sender}", f"burst {expected.burst_id}")

        async def inspected() -> dict[str, Any]:
            return await self._readers.call(
                inspect,
                str(spooled),
                expected.name,
                self._reserve_bytes,
                timeout_s=limit_s,
                shares=shares,
                sandbox=Sandbox((str(spooled),)),
            )

        try:
            return await inspected()
        except WorkerDiedError as error:
            self._log.warning("reader died", name=expected.name, reason=str(error))
            return await inspected()

    async def _check_there(self, file: DataFile) -> None:
        """Raise TransientError if the same file was cleaned just before the burst was locked."""
        if file.path and not await asyncio.to_thread(self._files.path(file.path).exists):
            raise TransientError(f"{file.name} was removed by the cleaner while it was received")

    async def _recorded(self, file: DataFile, note: Note = nothing_noted) -> DataRow:
        async with self._database.transaction() as transaction:
            await record_data(transaction, file)
            note(transaction)
            await self._check_there(file)
            await promote_tasks(transaction, file.burst_id)
            row = await known_data(transaction, file.burst_id, file.name, file.sha256)
        if row is None:  # it has just been written
            raise LookupError(file.name)
        self._metrics.data_files.labels("refused" if file.reason else "accepted").inc()
        self._hints.tasks.give()
        self._hints.announcements.give()
        self._log.info(
            "data file refused" if file.reason else "data file accepted",
            burst_id=file.burst_id,
            name=file.name,
            size=file.size,
            kind=file.kind,
            reason=file.reason,
        )
        return row


async def _spool(
    path: Path,
    expected: Expected,
    chunks: AsyncIterator[bytes],
    check_room: Callable[[int], None],
) -> tuple[int, str]:
    """Write chunks to disk as long as there is room; return size in bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0

    def append(chunk: bytes) -> None:
        # Check each chunk: the announced length may be missing, or count packed bytes.
        check_room(len(chunk))
        digest.update(chunk)
        file.write(chunk)

    with disk_errors():
        file: BinaryIO = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > expected.limit:
                raise InputError(
                    f"{expected.name}: longer than the limit of {expected.limit} bytes"
                )
            with disk_errors():
                await asyncio.to_thread(append, chunk)
        with disk_errors():
            await asyncio.to_thread(_sync, file)
    finally:
        await asyncio.to_thread(_close, file)
    sha256 = digest.hexdigest()
    if expected.size is not None and size != expected.size:
        raise InputError(f"{expected.name}: {size} bytes came, {expected.size} were announced")
    if expected.sha256 and sha256 != expected.sha256:
        raise InputError(f"{expected.name}: sha256 is {sha256}, {expected.sha256} was announced")
    return size, sha256


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _close(file: BinaryIO) -> None:
    """Close a file that is synced or given up; a failed flush does not matter then."""
    with suppress(OSError):
        file.close()

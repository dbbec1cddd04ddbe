"""One data file: received, checked, recognised in a worker, kept, recorded."""

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

from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, Workers, WorkerTimeoutError
from eclgrmd.errors import FatalError, InputError, TransientError, brief
from eclgrmd.files import FileStore, disk_errors
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.intake.data import DataFile, known_data, record_data
from eclgrmd.store.intake.data_rows import DataRow
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.tasks import promote_tasks

from .worker_functions import inspect

__all__ = ["Receiver", "Wanted"]

_INSPECTION_BASE_S = 10.0
_INSPECTION_BYTES_S = 4_000_000
"""Far less than a reader manages: packed files hold many times their size."""
_INSPECTION_LIMIT_S = 120.0


class Wanted(NamedTuple):
    """What a file should be."""

    burst_id: str
    name: str
    sha256: str | None
    """None: whatever comes."""
    size: int | None
    """Bytes; None: whatever comes."""
    limit: int
    """Bytes that are read at most."""
    sender: str = ""
    """Who brings it: an address, or the server of a link."""


class Receiver:
    """Takes data files in, whoever brings them."""

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

    async def receive(self, wanted: Wanted, chunks: AsyncIterator[bytes]) -> tuple[DataRow, bool]:
        """Take a file in; give its row and whether it is new.

        Raises
        ------
        InputError
            When what came is not what was announced: too long, too short, other checksum.
        TransientError
            When it cannot be kept or inspected now; DiskFullError when there is no room.
        """
        began = time.monotonic()
        if wanted.sha256 and (known := await self._known(wanted, wanted.sha256)):
            return known, False
        await asyncio.to_thread(self._files.check_room, wanted.size or 0, self._reserve_bytes)
        spooled = await asyncio.to_thread(self._files.incoming, uuid4().hex)
        try:
            size, sha256 = await _spool(spooled, wanted, chunks, self._check_room)
            if known := await self._known(wanted, sha256):
                return known, False
            file = await self._examined(wanted, spooled, size, sha256)
        finally:
            await asyncio.to_thread(self._files.forget_incoming, spooled)
        row = await self._recorded(file)
        self._metrics.stages.labels("receive").observe(time.monotonic() - began)
        return row, True

    @property
    def _reserve_bytes(self) -> int:
        return self._settings.now.storage.reserve_bytes

    def _check_room(self, size: int) -> None:
        self._files.check_room(size, self._reserve_bytes)

    async def refuse(self, wanted: Wanted, reason: str) -> None:
        """Record a file that could not be had."""
        await self._recorded(
            DataFile(wanted.burst_id, wanted.name, wanted.sha256 or "", 0, "", reason)
        )

    async def _known(self, wanted: Wanted, sha256: str) -> DataRow | None:
        async with self._database.reading() as transaction:
            row = await known_data(transaction, wanted.burst_id, wanted.name, sha256)
        return row if row and row.is_here else None

    async def _examined(self, wanted: Wanted, spooled: Path, size: int, sha256: str) -> DataFile:
        reason, description = "", None
        try:
            description = await self._inspected(spooled, wanted, size)
        except InputError as error:
            reason = str(error)
        except (WorkerDiedError, WorkerTimeoutError, WorkerMemoryError) as error:
            reason = f"{wanted.name}: cannot be read safely: {error}"
        except (FatalError, TransientError):
            raise
        except Exception as error:  # noqa: BLE001 - our fault, but this file's alone
            self._log.exception("file not read", burst_id=wanted.burst_id, name=wanted.name)
            what = f"{type(error).__name__}: {error}"
            reason = brief(f"{wanted.name}: eclgrmd failed to read it: {what}")
        with disk_errors():
            path = await asyncio.to_thread(
                self._files.keep_data, spooled, wanted.burst_id, sha256, wanted.name
            )
        return DataFile(
            burst_id=wanted.burst_id,
            name=wanted.name,
            sha256=sha256,
            size=size,
            path=path,
            reason=reason,
            kind=description["kind"] if description else None,
            instrument=description["instrument"] if description else None,
            description=description,
        )

    async def _inspected(self, spooled: Path, wanted: Wanted, size: int) -> dict[str, Any]:
        """Recognise a file; a reader that died is given a second chance.

        Senders and their bursts have turns; no sender ever has all readers, and no burst all of
        a sender's, so that no file waits for those of another.
        """
        limit_s = min(_INSPECTION_BASE_S + size / _INSPECTION_BYTES_S, _INSPECTION_LIMIT_S)
        shares = (f"sender {wanted.sender}", f"burst {wanted.burst_id}")

        async def inspected() -> dict[str, Any]:
            return await self._readers.call(
                inspect,
                str(spooled),
                wanted.name,
                self._reserve_bytes,
                timeout_s=limit_s,
                shares=shares,
            )

        try:
            return await inspected()
        except WorkerDiedError as error:
            self._log.warning("reader died", name=wanted.name, reason=str(error))
            return await inspected()

    async def _check_there(self, file: DataFile) -> None:
        """Look again, now that the burst is held: the same file may just have been cleaned."""
        if file.path and not await asyncio.to_thread(self._files.path(file.path).exists):
            raise TransientError(f"{file.name} was cleaned as it came")

    async def _recorded(self, file: DataFile) -> DataRow:
        async with self._database.transaction() as transaction:
            await record_data(transaction, file)
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
    wanted: Wanted,
    chunks: AsyncIterator[bytes],
    check_room: Callable[[int], None],
) -> tuple[int, str]:
    """Write what comes to disk, as long as there is room; return its size and checksum."""
    digest, size = hashlib.sha256(), 0

    def append(chunk: bytes) -> None:
        # What was told of the length does not count: it may be none, or of the packed bytes.
        check_room(len(chunk))
        digest.update(chunk)
        file.write(chunk)

    with disk_errors():
        file: BinaryIO = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > wanted.limit:
                raise InputError(f"{wanted.name}: longer than the limit of {wanted.limit} bytes")
            with disk_errors():
                await asyncio.to_thread(append, chunk)
        with disk_errors():
            await asyncio.to_thread(_sync, file)
    finally:
        await asyncio.to_thread(_close, file)
    sha256 = digest.hexdigest()
    if wanted.size is not None and size != wanted.size:
        raise InputError(f"{wanted.name}: {size} bytes came, {wanted.size} were announced")
    if wanted.sha256 and sha256 != wanted.sha256:
        raise InputError(f"{wanted.name}: sha256 is {sha256}, {wanted.sha256} was announced")
    return size, sha256


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _close(file: BinaryIO) -> None:
    """Close a file that is whole, or given up: what its buffer holds then does not count."""
    with suppress(OSError):
        file.close()

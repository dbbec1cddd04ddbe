"""The file store: data files by checksum, products by task and attempt."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eclgrmd.errors import InputError, TransientError
from eclgrmd.machine import machine_error

__all__ = ["DiskFullError", "FileStore", "TooLargeError", "disk_errors"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_DELAY_S = 30.0


class DiskFullError(TransientError):
    """There is no room; somebody, or the clean-up, may make some."""


class TooLargeError(InputError):
    """A file that is never taken, whatever becomes of others."""


class FileStore:
    """Folders under one root; every method blocks and belongs into a thread."""

    def __init__(self, root: Path, owner: str) -> None:
        self.root = root
        self._incoming = root / "incoming" / owner

    def open(self) -> None:
        """Make the folders, and forget files that this owner half received in a former life."""
        shutil.rmtree(self._incoming, ignore_errors=True)
        for folder in (self._incoming, self.root / "data", self.root / "products"):
            folder.mkdir(parents=True, exist_ok=True)

    def check_room(self, size: int, reserve: int) -> None:
        """Refuse what would not leave the reserve free.

        Raises
        ------
        TooLargeError
            There would not be enough room if the disk were empty.
        DiskFullError
            There is not enough room for `size` bytes more.
        TransientError
            The disk does not tell.
        """
        with disk_errors():
            total = shutil.disk_usage(self.root).total
        free = self.free_bytes()
        if size > total - reserve > 0:
            raise TooLargeError(
                f"{size} bytes: the disk of the file store has {total} bytes, of which {reserve} "
                "are kept free (storage.reserve_bytes), so that it can never hold the file"
            )
        if free - size < reserve:
            raise DiskFullError(
                f"the disk has {free} bytes free, of which {reserve} are kept: try again later",
                delay_s=_DISK_DELAY_S,
            )

    def free_bytes(self) -> int:
        """Give the room on the disk.

        Raises
        ------
        TransientError
            The disk does not tell.
        """
        with disk_errors():
            return shutil.disk_usage(self.root).free

    def incoming(self, unique: str) -> Path:
        """Return the place for a file that is being received.

        Raises
        ------
        TransientError
            The store is gone: its disk may have to be mounted again.
        """
        if not (self.root / "data").is_dir():
            raise TransientError(
                f"the file store {self.root} has no folder `data`: is its disk mounted?",
                delay_s=_DISK_DELAY_S,
            )
        with disk_errors():
            self._incoming.mkdir(parents=True, exist_ok=True)
        return self._incoming / unique

    def forget_incoming(self, path: Path) -> None:
        """Remove a received file, as far as the disk lets us: the next start removes the rest."""
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def keep_data(self, received: Path, burst_id: str, sha256: str, name: str) -> str:
        """Move a received file to where it stays, safely on disk; give its relative path."""
        relative = f"data/{burst_id}/{sha256}/{name}"
        target = self.root / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        received.replace(target)
        for folder in (target.parent, target.parent.parent, self.root / "data"):
            _sync(folder)
        return relative

    def product_folder(self, task_id: str, attempt: int) -> str:
        """Give the relative folder for the products of one attempt at a task."""
        return f"products/{task_id}.{attempt}"

    def path(self, relative: str) -> Path:
        """Give the place of a file of the store."""
        return self.root / relative

    def log_lines(self, folder: str) -> tuple[bytes, ...]:
        """Read the log of an attempt from its product folder, as far as it has been written."""
        try:
            text = (self.root / folder / "task.log").read_bytes()
        except FileNotFoundError:
            return ()
        # A worker that is writing, or was killed, leaves a last line without its end.
        return tuple(line for line in text.split(b"\n")[:-1] if line)

    def remove(self, relative: str) -> None:
        """Remove a file, and its folder when that is empty.

        Raises
        ------
        TransientError
            The disk does not let it go.
        """
        path = self.root / relative
        with disk_errors():
            path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()

    def discard(self, relative: str) -> None:
        """Remove a folder of the store."""
        shutil.rmtree(self.root / relative, ignore_errors=True)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the disk refuses into errors that say what to do."""
    try:
        yield
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL else TransientError
        reason = machine_error(error) or error
        raise kind(f"the file store: {reason}", delay_s=_DISK_DELAY_S) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

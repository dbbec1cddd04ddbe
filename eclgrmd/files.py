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
"""Error numbers of a full disk or an exhausted quota."""
_DISK_DELAY_S = 30.0
"""Pause before a retry: the clean-up or a person needs time to make room or mount the disk."""


class DiskFullError(TransientError):
    """The disk has too little room now; the clean-up or a person may make some."""


class TooLargeError(InputError):
    """The file is larger than the disk can ever hold."""


class FileStore:
    """Files under one root folder. Every method blocks: call it in a thread.

    Parameters
    ----------
    root
        Root folder, `storage.files_dir`; daemons that share a database share it too.
    owner
        Node id of this daemon, which receives files in a folder of its own.
    """

    def __init__(self, root: Path, owner: str) -> None:
        self.root = root
        self._incoming = root / "incoming" / owner

    def open(self) -> None:
        """Create the folders, and remove partly received files of an earlier run of this daemon."""
        shutil.rmtree(self._incoming, ignore_errors=True)
        for folder in (self._incoming, self.root / "data", self.root / "products"):
            folder.mkdir(parents=True, exist_ok=True)

    def check_room(self, size: int, reserve: int) -> None:
        """Check that the disk has room for `size` bytes beside the reserve, both in bytes.

        Raises
        ------
        TooLargeError
            If there would not be enough room even on an empty disk.
        DiskFullError
            If there is not enough room now.
        TransientError
            If the size of the disk cannot be read.
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
        """Return the free space of the disk, bytes.

        Raises
        ------
        TransientError
            If it cannot be read.
        """
        with disk_errors():
            return shutil.disk_usage(self.root).free

    def incoming(self, unique: str) -> Path:
        """Return the path at which a file is received.

        Raises
        ------
        TransientError
            If the store's folders are missing: its disk may have to be mounted.
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
        """Remove a partly received file; on a disk error the next start removes it."""
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def keep_data(self, received: Path, burst_id: str, sha256: str, name: str) -> str:
        """Move a received file into the store, synced to disk, and return its relative path."""
        relative = f"data/{burst_id}/{sha256}/{name}"
        target = self.root / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        received.replace(target)
        for folder in (target.parent, target.parent.parent, self.root / "data"):
            _sync(folder)
        return relative

    def product_folder(self, task_id: str, attempt: int) -> str:
        """Return the relative path of the folder for the products of one attempt at a task."""
        return f"products/{task_id}.{attempt}"

    def path(self, relative: str) -> Path:
        """Return the absolute path of a file of the store."""
        return self.root / relative

    def log_lines(self, folder: str) -> tuple[bytes, ...]:
        """Return the complete lines of an attempt's log, also while it is being written."""
        try:
            text = (self.root / folder / "task.log").read_bytes()
        except FileNotFoundError:
            return ()
        # The last line is incomplete while a worker is writing it or after it was killed.
        return tuple(line for line in text.split(b"\n")[:-1] if line)

    def remove(self, relative: str) -> None:
        """Remove a file, and its folder if that is then empty.

        Raises
        ------
        TransientError
            If the file cannot be removed.
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
    """Raise an `OSError` of the disk as a transient error."""
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

"""A lock that admits one process to a folder."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from eclgrmd.errors import FatalError

__all__ = ["FolderLock"]


class FolderLock:
    """Excludes other daemons from a folder until it is released or this process ends.

    Raises
    ------
    FatalError
        From `acquire`: if another process holds the folder (the text names it), or the folder
        cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: int | None = None

    def acquire(self) -> None:
        """Make the folder if it is missing, and lock it."""
        path = self.folder / "lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FatalError(f"cannot write in {self.folder}: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise FatalError(
                f"{self.folder} is in use by another eclgrmd (process {holder}): "
                "stop that one or choose another folder"
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Release the lock; do nothing if it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

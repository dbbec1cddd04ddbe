"""Start, supervision and stop of a private server."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from eclgrmd.errors import FatalError

from .lock import FolderLock
from .processes import end_orphans, end_process, spawn

__all__ = ["PrivateServer"]

_ERRORS = ("[ERROR]", "[FTL]", "[ERR]", "mysqld got signal", "mariadbd got signal")
"""Marks of errors in the logs of MariaDB and NATS servers."""
_LONGEST_REASON = 500
"""Most characters of a log line in an error message."""
_POLL_S = 0.01
"""Pause between two checks of whether a server that starts answers already."""


class PrivateServer(ABC):
    """A server process of our own, in a locked folder of its own.

    Usable as an asynchronous context manager. When the server ends by itself, `wait` returns, and
    `start` starts it again at the same address.

    Raises
    ------
    FatalError
        From `start`: if the program is missing, the folder is in use or not writable, or the server
        does not start (the text quotes its log and says what to do).
    """

    name: str
    """Name of the server in messages to the operator."""

    def __init__(self, folder: Path, *, start_limit_s: float, stop_limit_s: float) -> None:
        self.folder = folder.absolute()
        """Folder of all files of the server."""
        self.log_file = self.folder / "server.log"
        """Log of the server."""
        self._start_limit_s = start_limit_s
        self._stop_limit_s = stop_limit_s
        self._lock = FolderLock(self.folder)
        self._locked = False
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Process id; None while the server does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> None:
        """Start the server, or restart it after it ended, and return when it answers."""
        if self.pid is not None:
            return
        self._stopping.clear()
        try:
            if not self._locked:
                await asyncio.to_thread(self._lock.acquire)
                self._locked = True
                await end_orphans(self._mark(), self._working_folders(), self._stop_limit_s)
                await self._initialise()
            await asyncio.to_thread(self._tidy)
            self._process = await spawn(self._command(), self.folder)
            await self._until_it_answers(self._process)
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int | None:
        """Wait until the server ends; return its exit status, or None if `stop` ended it."""
        if self._process is None:
            return None
        status = await self._process.wait()
        return None if self._stopping.is_set() else status

    async def end(self) -> None:
        """End the process without `stop`, so that `wait` reports it and `start` can restart it."""
        if self._process is not None:
            await end_process(self._process, self._stop_limit_s)

    async def stop(self) -> None:
        """Terminate the server, and release its folder."""
        self._stopping.set()
        if self._process is not None:
            await end_process(self._process, self._stop_limit_s)
            self._process = None
        if self._locked:
            self._lock.release()
            self._locked = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._start_limit_s):
                while process.returncode is None:
                    with contextlib.suppress(OSError, EOFError, ValueError, LookupError):
                        if await self._answers(process.pid):
                            return
                    await asyncio.sleep(_POLL_S)
        how = "does not answer" if process.returncode is None else "ended at once"
        reason = await asyncio.to_thread(_reason, self.log_file)
        raise FatalError(
            f"the private {self.name} {how}: {reason} (its log: {self.log_file}): {self._remedy()}"
        )

    @abstractmethod
    async def _initialise(self) -> None:
        """Prepare the folder before the first start."""

    @abstractmethod
    def _tidy(self) -> None:
        """Remove files of an earlier run that would prevent the next start."""

    @abstractmethod
    def _remedy(self) -> str:
        """Return what the operator can do if the server does not start."""

    @abstractmethod
    def _mark(self) -> str:
        """Return a command-line argument that identifies this server among all processes."""

    @abstractmethod
    def _working_folders(self) -> list[Path]:
        """Return the folders that may be the working directory of this server."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the command line."""

    @abstractmethod
    async def _answers(self, pid: int) -> bool:
        """Return whether the server accepts clients."""


def _reason(log_file: Path) -> str:
    """Return the first error in a server's log, or its last line, without the time stamp."""
    try:
        lines = log_file.read_text(errors="replace").splitlines()
    except OSError:
        return "it wrote no log"
    written = [line for line in lines if line.strip()]
    errors = [line for line in written if any(mark in line for mark in _ERRORS)]
    found = next(iter(errors or written[-1:]), "its log is empty")
    return found.rpartition("] ")[2].strip()[:_LONGEST_REASON]

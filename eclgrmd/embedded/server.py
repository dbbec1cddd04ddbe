"""The life of a private server, whichever it is."""

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
"""How servers mark in their logs what keeps them from coming up."""
_LONGEST_REASON = 500
"""Characters."""


class PrivateServer(ABC):
    """A server process of our own, with its own locked folder.

    Usable as an asynchronous context manager.  When the server dies unasked, `wait` returns and
    `start` starts it again with the same address.

    Raises
    ------
    FatalError
        From `start`: the program is missing, the folder is in use or not writable, or the server
        does not come up (the text carries what its log says, and what to do).
    """

    name: str
    """What an operator calls it."""

    def __init__(self, folder: Path, *, start_limit_s: float, stop_limit_s: float) -> None:
        self.folder = folder.absolute()
        self.log_file = self.folder / "server.log"
        self._start_limit_s = start_limit_s
        self._stop_limit_s = stop_limit_s
        self._lock = FolderLock(self.folder)
        self._locked = False
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Process id while the server runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> None:
        """Start the server, or start it again after it died, and return when it answers."""
        if self.pid is not None:
            return
        self._stopping.clear()
        try:
            if not self._locked:
                await asyncio.to_thread(self._lock.acquire)
                self._locked = True
                await end_orphans(self._mark(), self._places(), self._stop_limit_s)
                await self._initialise()
            await asyncio.to_thread(self._tidy)
            self._process = await spawn(self._command(), self.folder)
            await self._until_it_answers(self._process)
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int | None:
        """Return the exit status when the server ended unasked, None once it is to be stopped."""
        if self._process is None:
            return None
        status = await self._process.wait()
        return None if self._stopping.is_set() else status

    async def end(self) -> None:
        """End the server's process as if it had died: whoever waits for it can start it again."""
        if self._process is not None:
            await end_process(self._process, self._stop_limit_s)

    async def stop(self) -> None:
        """End the server, politely if it listens, and leave its folder to others."""
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
                    await asyncio.sleep(0.01)
        how = "does not answer" if process.returncode is None else "ended at once"
        reason = await asyncio.to_thread(_reason, self.log_file)
        raise FatalError(
            f"the private {self.name} {how}: {reason} (its log: {self.log_file}): {self._remedy()}"
        )

    @abstractmethod
    async def _initialise(self) -> None:
        """Prepare the folder, once in its life."""

    @abstractmethod
    def _tidy(self) -> None:
        """Remove what an earlier run left in the way of the next."""

    @abstractmethod
    def _remedy(self) -> str:
        """Say what to do when the server does not come up."""

    @abstractmethod
    def _mark(self) -> str:
        """Give the command-line argument that only our server has."""

    @abstractmethod
    def _places(self) -> list[Path]:
        """List the folders that our server may be working in."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Give the command line."""

    @abstractmethod
    async def _answers(self, pid: int) -> bool:
        """Tell whether the server takes clients."""


def _reason(log_file: Path) -> str:
    """Return the first error in a server's log, or else its last line, without the time."""
    try:
        lines = log_file.read_text(errors="replace").splitlines()
    except OSError:
        return "it wrote no log"
    told = [line for line in lines if line.strip()]
    wrong = [line for line in told if any(mark in line for mark in _ERRORS)]
    found = next(iter(wrong or told[-1:]), "its log is empty")
    return found.rpartition("] ")[2].strip()[:_LONGEST_REASON]

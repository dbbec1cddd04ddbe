"""The daemon's side of one worker process."""

import asyncio
import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, cast

from .child import Child
from .frames import Done, Failed, FromWorker, LogLine, Outcome, Ready, frames_in
from .nursery import Nursery

__all__ = ["WorkerProcess"]


class WorkerProcess(asyncio.Protocol):
    """A worker process, which takes one call at a time and reports each outcome to `on_outcome`.

    `ended` is set when the process ends, for whatever reason. A call that was running then gets no
    outcome.
    """

    def __init__(
        self,
        process: Child,
        on_line: Callable[[Mapping[str, Any]], None],
        scratch: Path | None,
    ) -> None:
        self.pid = process.pid
        self.ended = asyncio.Event()
        self.ready = asyncio.Event()
        self.on_outcome: Callable[[Outcome], None] | None = None
        self._process = process
        self._on_line = on_line
        self._buffer = bytearray()
        self._scratch = scratch
        self._transport: asyncio.WriteTransport

    @classmethod
    async def start(
        cls,
        nursery: Nursery,
        on_line: Callable[[Mapping[str, Any]], None],
        setting: bytes,
        scratch_dir: Path | None = None,
    ) -> Self:
        """Start a process; it takes calls once `ready` is set and `ended` is not.

        Parameters
        ----------
        nursery
            Forks it.
        on_line
            Called with the fields of each log line of the process.
        setting
            The packed `WorkerSetUp` frame.
        scratch_dir
            The process puts its temporary files into a new folder in this one, which
            `remove_scratch` removes. None: the system's temporary folder.
        """
        scratch = None if scratch_dir is None else await asyncio.to_thread(_folder_in, scratch_dir)
        environment = {} if scratch is None else {"TMPDIR": str(scratch)}
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await nursery.bear(theirs.fileno(), environment)
            return await cls._connect(process, ours, on_line, setting, scratch)
        except BaseException:
            ours.close()
            if scratch is not None:
                shutil.rmtree(scratch, ignore_errors=True)
            raise

    @classmethod
    async def _connect(
        cls,
        process: Child,
        ours: socket.socket,
        on_line: Callable[[Mapping[str, Any]], None],
        setting: bytes,
        scratch: Path | None,
    ) -> Self:
        worker = cls(process, on_line, scratch)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: worker, ours)
        except BaseException:
            await process.end()
            raise
        worker.begin(setting)
        return worker

    def begin(self, frame: bytes) -> None:
        """Send a packed frame; after a `Call` the process computes until it reports the outcome."""
        self._transport.write(frame)

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    async def wait(self) -> str:
        """Wait until the process has ended; return the name of the signal, or the exit status."""
        await self.ended.wait()
        # The connection is closed, so the process is useless even if it is still alive.
        self.kill()
        status = await self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"status {status}"

    async def remove_scratch(self) -> None:
        """Remove the temporary files that the process left behind."""
        if self._scratch is not None:
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport (called by asyncio)."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Handle the frames that the process sent (called by asyncio)."""
        if self.ended.is_set():
            return
        self._buffer += data
        try:
            for frame in frames_in(self._buffer):
                self._take(frame)
        except (ValueError, RecursionError) as error:
            # Whatever runs there is not, or no longer, our program.
            self.ended.set()
            self._take(Failed(f"an answer that is none: {error}"))
            self.kill()

    def connection_lost(self, error: Exception | None) -> None:
        """Record that the process has ended (called by asyncio)."""
        self.ready.set()
        self.ended.set()

    def _take(self, frame: FromWorker) -> None:
        match frame:
            case Ready():
                self.ready.set()
            case LogLine(fields):
                # A line that cannot be written must not end the call.
                with contextlib.suppress(Exception):
                    self._on_line({**fields, "worker": self.pid})
            case Done() | Failed() if self.on_outcome is not None:
                self.on_outcome(frame)
            case _:
                self.kill()


def _folder_in(scratch_dir: Path) -> Path:
    scratch_dir.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="worker-", dir=scratch_dir))

"""The daemon's side of the process from which all workers are forked."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from eclgrmd.threads import ONE_THREAD

from .child import Child, adopt_orphans
from .request import target_of

__all__ = ["Nursery"]

_MOST_BYTES = 64
"""Longest answer, which is a process id."""
_LIMIT_S = 120.0
"""Longest wait for an answer, the imports included; then the process counts as dead, seconds."""


class Nursery:
    """A process that has imported what workers need, and forks each of them in a millisecond.

    Its workers are children of the daemon. A nursery that has died is replaced when the next worker
    is wanted; the workers of the old one go on. Usable as an asynchronous context manager. Start it
    in the main thread: the kernel ends it when the thread that started it ends.

    Parameters
    ----------
    cache_dir
        Folder of the kernels that numba has compiled; None: numba's default.
    warm
        Functions without arguments that import what workers need. One that fails does no harm here:
        the workers that need it report it.
    """

    def __init__(
        self, *, cache_dir: Path | None = None, warm: Sequence[Callable[[], object] | str] = ()
    ) -> None:
        cache = {} if cache_dir is None else {"NUMBA_CACHE_DIR": str(cache_dir)}
        self._environment = ONE_THREAD | cache
        self._warm = [target_of(function) for function in warm]
        self._log = structlog.get_logger("nursery")
        self._turn = asyncio.Lock()
        self._connection: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, which imports while the daemon goes on."""
        adopt_orphans()
        async with self._turn:
            await self._spawn()

    async def stop(self) -> None:
        """End the process; its workers go on."""
        async with self._turn:
            await self._end()

    async def bear(self, descriptor: int, environment: Mapping[str, str]) -> Child:
        """Fork a worker.

        Parameters
        ----------
        descriptor
            Its end of the connection to the daemon.
        environment
            Variables to add to those of the daemon.

        Raises
        ------
        OSError
            If the process died twice.
        """
        async with self._turn:
            try:
                return Child(await self._ask(descriptor, environment))
            except (OSError, EOFError):
                self._log.warning("nursery died; another one starts")
                await self._end()
                await self._spawn()
            try:
                return Child(await self._ask(descriptor, environment))
            except EOFError as error:
                raise OSError("the process that forks workers died") from error

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

    async def _ask(self, descriptor: int, environment: Mapping[str, str]) -> int:
        """Return the id of a new worker."""
        if self._connection is None:
            raise EOFError
        wanted = msgspec.msgpack.encode(environment)
        socket.send_fds(self._connection, [wanted], [descriptor])
        answering = asyncio.get_running_loop().create_task(
            self._answer(self._connection), name="birth of a worker"
        )
        try:
            return await asyncio.shield(answering)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError, EOFError):  # the nursery has died
                await Child(await answering).end()
            raise

    async def _answer(self, connection: socket.socket) -> int:
        async with asyncio.timeout(_LIMIT_S):
            answer = await asyncio.get_running_loop().sock_recv(connection, _MOST_BYTES)
        if not answer:
            raise EOFError
        return int(answer)

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._process = await self._start_program(theirs.fileno())
        except BaseException:
            ours.close()
            raise
        ours.setblocking(False)
        self._connection = ours

    async def _start_program(self, descriptor: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "eclgrmd.compute.nursery_program"),
            *(str(descriptor), str(os.getpid()), *self._warm),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sys.__stderr__,  # text that a library prints is no output of the daemon
            pass_fds=[descriptor],
            env={
                **os.environ,
                **self._environment,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )

    async def _end(self) -> None:
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            # Not Process.kill, which may take the exit status away from asyncio.
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            await process.wait()

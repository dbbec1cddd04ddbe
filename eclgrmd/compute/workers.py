"""A fixed number of worker processes, and the calls that wait for one of them."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from msgspec.structs import replace
from structlog.contextvars import get_contextvars

from eclgrmd.errors import TransientError

from .deadline import Deadline
from .failures import WorkerDiedError
from .frames import WorkerSetUp, pack, packed_call
from .nursery import Nursery
from .process import WorkerProcess
from .queue import FairQueue
from .request import Request, decoder_of, target_of
from .sandbox import Sandbox
from .slot import Slot

__all__ = ["Workers", "WorkersHealth"]

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class WorkersHealth:
    """Numbers for the health report and the metrics."""

    wanted: int
    """Worker processes that should run."""
    alive: int
    """Worker processes that are ready, idle or busy."""
    busy: int
    """Worker processes that compute a call."""
    waiting: int
    """Calls that wait for a worker."""
    deaths: int
    """Worker processes that ended and were replaced since the start."""


class Workers:
    """A pool of worker processes, which are replaced when they die, hang or lack memory.

    Usable as an asynchronous context manager. Start it in the main thread: the kernel ends the
    workers when the thread that started them ends.

    Parameters
    ----------
    count
        Number of processes.
    nursery
        The process that forks them, which is running; None: one of their own.
    memory_limit_bytes
        Most bytes of data that one process may hold; None: no limit.
    cache_dir
        Folder of the kernels that numba has compiled; None: numba's default.
    scratch_dir
        Folder for temporary files. Each process gets a folder in it, which is removed when the
        process ends. None: the system's temporary folder.
    nice
        How much lower than the daemon's their scheduling priority is: 0 to 19.
    sandbox
        What the processes may reach, beside `cache_dir` and `scratch_dir`; None: everything.
    warm
        Functions without arguments that each new process calls before it takes work.
    on_line
        Called with the fields of every log line of a worker.
    """

    def __init__(
        self,
        count: int,
        *,
        nursery: Nursery | None = None,
        memory_limit_bytes: int | None = None,
        cache_dir: Path | None = None,
        scratch_dir: Path | None = None,
        nice: int = 0,
        sandbox: Sandbox | None = None,
        warm: Sequence[Callable[[], object] | str] = (),
        on_line: Callable[[Mapping[str, Any]], None] = lambda fields: None,
    ) -> None:
        self._count = count
        targets = tuple(target_of(function) for function in warm)
        self._cache_dir = cache_dir
        self._scratch_dir = scratch_dir
        self._set_up = WorkerSetUp(memory_limit_bytes, targets, nice, self._with_own(sandbox))
        self._nursery = Nursery(cache_dir=cache_dir) if nursery is None else nursery
        self._owns_nursery = nursery is None
        self._on_line = on_line
        self._queue = FairQueue(count)
        self._slots: list[Slot] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def health(self) -> WorkersHealth:
        """The present numbers of workers and calls."""
        return WorkersHealth(
            wanted=self._count,
            alive=sum(slot.alive for slot in self._slots),
            busy=sum(slot.request is not None for slot in self._slots),
            waiting=len(self._queue),
            deaths=sum(slot.deaths for slot in self._slots),
        )

    async def start(self) -> None:
        """Start the processes, and return when all of them are warm.

        Do not wait for a process that is killed three times in a row while it starts: `health`
        shows that it is missing.

        Raises
        ------
        FatalError
            If the processes do not start; the text says why.
        """
        loop = asyncio.get_running_loop()
        self._stopping = False
        self._slots = [Slot(self._new_process, self._dispatch) for _ in range(self._count)]
        # Their parent is this object: `stop` cancels them and waits for their end.
        self._keepers = [
            loop.create_task(slot.keep(), name=f"worker {number}")
            for number, slot in enumerate(self._slots)
        ]
        try:
            if self._owns_nursery:
                await self._nursery.start()
            for slot in self._slots:
                await slot.first
        except BaseException:
            await self.stop(0.0)
            raise

    async def stop(self, limit_s: float) -> None:
        """Refuse new calls, wait ``limit_s`` seconds for running ones, and end all processes.

        Calls that were waiting or had to be interrupted raise `TransientError`.
        """
        self._stopping = True
        for request in self._queue.clear():
            request.fail(TransientError(f"{request.target} was not begun: eclgrmd is stopping"))
        running = [slot.request.answer for slot in self._slots if slot.request is not None]
        if running and limit_s > 0.0:
            await asyncio.wait(running, timeout=limit_s)
        for keeper in self._keepers:
            keeper.cancel()
        for keeper in self._keepers:
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        for slot in self._slots:
            slot.first.cancel()
            if not slot.first.cancelled():
                slot.first.exception()  # else asyncio warns of an exception never retrieved
        self._keepers, self._slots = [], []
        if self._owns_nursery:
            await self._nursery.stop()

    def confine(self, sandbox: Sandbox | None) -> None:
        """Replace each process, once it has no call, by one in another sandbox."""
        wanted = replace(self._set_up, sandbox=self._with_own(sandbox))
        if wanted != self._set_up:
            self._set_up = wanted
            for slot in self._slots:
                slot.retire()

    @overload
    async def call(
        self,
        function: Callable[..., R],
        *args: object,
        timeout_s: float | None = None,
        priority: int = 0,
        deadline: Deadline | None = None,
        shares: tuple[str, ...] = (),
        background: bool = False,
        topic: str = "",
        sandbox: Sandbox | None = None,
    ) -> R: ...

    @overload
    async def call(
        self,
        function: str,
        *args: object,
        timeout_s: float | None = None,
        priority: int = 0,
        deadline: Deadline | None = None,
        shares: tuple[str, ...] = (),
        background: bool = False,
        topic: str = "",
        sandbox: Sandbox | None = None,
    ) -> Any: ...

    async def call(
        self,
        function: Callable[..., Any] | str,
        *args: object,
        timeout_s: float | None = None,
        priority: int = 0,
        deadline: Deadline | None = None,
        shares: tuple[str, ...] = (),
        background: bool = False,
        topic: str = "",
        sandbox: Sandbox | None = None,
    ) -> Any:
        """Compute ``function(*args)`` in a worker process and return its result.

        Arguments and result are sent as data (msgpack, in the event loop), and decoded as the types
        that the function is annotated with: pass paths rather than large values. A function that is
        only named returns plain values, with lists for tuples.
        Log fields bound by the caller (`structlog.contextvars`) are bound in the worker too. If the
        caller is cancelled, the computation is ended.

        Parameters
        ----------
        function
            A function of a module, or ``module:name`` of one that the daemon must not import.
        timeout_s
            Time that the call may run once it has begun, seconds; None: no limit.
        priority
            Among waiting calls the lowest number goes first; see `FairQueue` for equal ones.
        deadline
            Time at which the worker process ends itself, even if the daemon is suspended; None:
            never.
        shares
            Owners of the call, the widest first, for example its sender and its burst; waiting
            owners take turns. One sender never occupies all workers, and one burst never all that
            a sender may have, where there are enough workers.
        background
            Whether to compute it at the lowest scheduling priority.
        topic
            What the call is about. Among idle workers, the one whose last call had the same topic
            is preferred: it may hold what the call needs.
        sandbox
            What the call may reach of what the processes may, see `sandbox.narrow`; None: all. It
            has no effect on processes without a sandbox.

        Raises
        ------
        WorkerTimeoutError, WorkerMemoryError, WorkerDiedError
            If the worker process was ended, or ended itself.
        TimeoutError
            If the deadline passed.
        TransientError
            If the workers are being stopped.
        RemoteError
            If the function returned a value of another type, or raised an error whose class is
            neither built in nor defined in `eclgrmd.errors`. Errors of those classes are raised as
            they are, except for FatalError. All have the worker's traceback as a note.
        """
        if self._stopping:
            raise TransientError("no more work is begun: eclgrmd is stopping")
        target = target_of(function)
        if self._set_up.sandbox is None:
            sandbox = None
        frame = packed_call(target, args, get_contextvars(), background=background, sandbox=sandbox)
        answer = asyncio.get_running_loop().create_future()
        decoder = decoder_of(function)
        request = Request(target, frame, decoder, timeout_s, answer, deadline, shares, topic)
        self._queue.put(priority, request)
        self._dispatch()
        try:
            return await answer
        except asyncio.CancelledError:
            for slot in self._slots:
                slot.interrupt(request, WorkerDiedError(f"{target} was cancelled"))
            raise

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop(0.0)

    async def _new_process(self) -> WorkerProcess:
        return await WorkerProcess.start(
            self._nursery, self._on_line, pack(self._set_up), self._scratch_dir
        )

    def _with_own(self, sandbox: Sandbox | None) -> Sandbox | None:
        """Return a sandbox with the folders of the pool."""
        if sandbox is None:
            return None
        scratch, cache = (
            () if folder is None else (str(folder),)
            for folder in (self._scratch_dir, self._cache_dir)
        )
        return Sandbox(sandbox.read, (*sandbox.write, *scratch), (*sandbox.shared, *cache))

    def _dispatch(self) -> None:
        while idle := [slot for slot in self._slots if slot.idle]:
            running = [busy.request for busy in self._slots if busy.request is not None]
            request = self._queue.take(running)
            if request is None:
                return
            topic = request.topic
            same = (slot for slot in idle if topic and slot.topic == topic)
            next(same, idle[0]).begin(request)

"""A fixed number of worker processes, and the calls that wait for one of them."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from structlog.contextvars import get_contextvars

from eclgrmd.errors import TransientError

from .failures import WorkerDiedError
from .frames import Call, Setting, pack
from .permit import Permit
from .process import WorkerProcess
from .request import Request, target_of
from .slot import Slot
from .waiting import Waiting

__all__ = ["Workers", "WorkersHealth"]

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class WorkersHealth:
    """How the workers are."""

    wanted: int
    alive: int
    """Idle or busy."""
    busy: int
    waiting: int
    """Calls that wait for a worker."""
    deaths: int
    """Processes that ended, and were replaced, since the start."""


class Workers:
    """Runs functions in worker processes, each replaced when it dies, hangs or eats its memory.

    Usable as an asynchronous context manager.  Start it in the main thread: the kernel ends the
    workers when the thread that started them ends.

    Parameters
    ----------
    count
        How many processes.
    memory_limit_bytes
        How much data one of them may hold; None sets no limit.
    cache_dir
        Where numba keeps what it compiled.
    scratch_dir
        Where workers put passing files, each into a folder that goes when the process ends.
    warm
        Functions without arguments that each new process calls before it takes work.
    on_line
        Called with the fields of every log line of a worker.
    """

    def __init__(
        self,
        count: int,
        *,
        memory_limit_bytes: int | None = None,
        cache_dir: Path | None = None,
        scratch_dir: Path | None = None,
        warm: Sequence[Callable[[], object] | str] = (),
        on_line: Callable[[Mapping[str, Any]], None] = lambda fields: None,
    ) -> None:
        self._count = count
        self._setting = pack(Setting(memory_limit_bytes, [target_of(each) for each in warm]))
        # One call computes on one core: more threads would only be in each other's way.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        cache = {} if cache_dir is None else {"NUMBA_CACHE_DIR": str(cache_dir)}
        self._environment = threads | cache
        self._scratch_dir = scratch_dir
        self._on_line = on_line
        self._queue = Waiting(count)
        self._slots: list[Slot] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def health(self) -> WorkersHealth:
        """How the workers are now."""
        return WorkersHealth(
            wanted=self._count,
            alive=sum(slot.alive for slot in self._slots),
            busy=sum(slot.request is not None for slot in self._slots),
            waiting=len(self._queue),
            deaths=sum(slot.deaths for slot in self._slots),
        )

    async def start(self) -> None:
        """Start the processes and return when all of them are warm.

        Those that are killed again and again as they start are not waited for: `health` tells.

        Raises
        ------
        FatalError
            They do not start; the text says why.
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
            for slot in self._slots:
                await slot.first
        except BaseException:
            await self.stop(0.0)
            raise

    async def stop(self, limit_s: float) -> None:
        """Take no more calls, give those that run ``limit_s`` seconds, and end all processes.

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
                slot.first.exception()  # asyncio complains of one that nobody has looked at
        self._keepers, self._slots = [], []

    @overload
    async def call(
        self,
        function: Callable[..., R],
        *args: object,
        timeout_s: float | None = None,
        priority: int = 0,
        permit: Permit | None = None,
        shares: tuple[str, ...] = (),
    ) -> R: ...

    @overload
    async def call(
        self,
        function: str,
        *args: object,
        timeout_s: float | None = None,
        priority: int = 0,
        permit: Permit | None = None,
        shares: tuple[str, ...] = (),
    ) -> Any: ...

    async def call(
        self,
        function: Callable[..., Any] | str,
        *args: object,
        timeout_s: float | None = None,
        priority: int = 0,
        permit: Permit | None = None,
        shares: tuple[str, ...] = (),
    ) -> Any:
        """Compute ``function(*args)`` in a worker process and return its result.

        Arguments and result are pickled in the event loop: pass paths rather than large arrays.
        Log fields bound here (`structlog.contextvars`) are bound there too.  When the caller is
        cancelled, the computation is ended.

        Parameters
        ----------
        function
            A function of a module, or ``module:name`` of one that the daemon shall not import.
        timeout_s
            How long it may run, seconds, from when it begins.
        priority
            Of those waiting, the lowest goes first; equals go by their shares, then in their order.
        permit
            Ends the worker process at its moment, whatever has become of the daemon.
        shares
            For whom it is, the widest first, as a sender and a burst: those that wait have their
            turns one after the other. One worker always stays free of calls for the same widest
            share, and another one of those for the same narrower share, where there are as many.

        Raises
        ------
        WorkerTimeoutError, WorkerMemoryError, WorkerDiedError
            Its worker process was ended, or ended itself.
        TimeoutError
            The moment of its permit came.
        TransientError
            The workers are being stopped.
        RemoteError
            It raised an error of a class that is neither built in nor of `eclgrmd.errors`; those
            are raised as they are, each with the worker's traceback as a note.
        """
        if self._stopping:
            raise TransientError("no more work is begun: eclgrmd is stopping")
        target = target_of(function)
        frame = pack(Call(target, args, get_contextvars()))
        answer = asyncio.get_running_loop().create_future()
        request = Request(target, frame, timeout_s, answer, permit, shares)
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
            self._on_line, self._setting, self._environment, self._scratch_dir
        )

    def _dispatch(self) -> None:
        for slot in self._slots:
            if slot.idle:
                running = [each.request for each in self._slots if each.request is not None]
                request = self._queue.take(running)
                if request is None:
                    return
                slot.begin(request)

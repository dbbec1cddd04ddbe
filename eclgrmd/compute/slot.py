"""A worker slot, whose process is replaced whenever it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from eclgrmd.errors import EclgrmdError, FatalError

from .failures import WorkerDiedError, WorkerTimeoutError
from .frames import EndAt, Failed, Outcome, pack
from .process import WorkerProcess
from .request import Request

__all__ = ["Slot"]

_PAUSES_S = (0.0, 0.2, 1.0, 5.0)
"""Pauses before a process is started, by the number of failed starts in a row."""
_MOST_FAILED_STARTS = 3
"""Failed starts in a row after which nobody waits for the first process any longer."""


class Slot:
    """Keeps one worker process alive, and gives it one request at a time.

    Parameters
    ----------
    start
        Starts a process.
    on_idle
        Called whenever the slot has become `idle`.
    """

    def __init__(
        self, start: Callable[[], Awaitable[WorkerProcess]], on_idle: Callable[[], None]
    ) -> None:
        self.request: Request | None = None
        """The request that is being computed; None: none."""
        self.topic = ""
        """Topic of the last request that the present process was given; empty: none."""
        self.deaths = 0
        """Number of processes that ended after they had become ready."""
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the first process is ready, or after three failed starts: with a FatalError if
        the process itself reported why, else without a process."""
        self._start = start
        self._on_idle = on_idle
        self._worker: WorkerProcess | None = None
        self._verdict: EclgrmdError | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._worn = False
        """Whether the present process, even if it only starts, is replaced when it is idle."""

    @property
    def alive(self) -> bool:
        """True if the slot has a running process that is ready."""
        return self._worker is not None and not self._worker.ended.is_set()

    @property
    def idle(self) -> bool:
        """True if the slot can take a request."""
        return self.alive and self.request is None

    def begin(self, request: Request) -> None:
        """Start to compute a request; the slot must be `idle`."""
        worker = self._worker
        if worker is None:
            request.fail(WorkerDiedError(f"{request.target}: there is no worker process"))
            return
        self.request, self.topic = request, request.topic
        if request.limit_s is not None:
            loop = asyncio.get_running_loop()
            verdict = WorkerTimeoutError(f"{request.target} took longer than {request.limit_s:g} s")
            self._alarm = loop.call_later(request.limit_s, self.interrupt, request, verdict)
        worker.begin(request.frame)
        if request.deadline is not None:
            request.deadline.begin(lambda moment_s: worker.begin(pack(EndAt(moment_s))))

    def interrupt(self, request: Request, verdict: EclgrmdError) -> None:
        """Kill the process if it still computes ``request``, which then fails with ``verdict``."""
        if self.request is request and self._worker is not None:
            self._verdict = verdict
            self._worker.kill()

    def retire(self) -> None:
        """Replace the process, after the request that it may be computing."""
        self._worn = True
        if self.request is None:
            self._discard()

    async def keep(self) -> None:
        """Start a process, and a new one whenever it ends, until cancelled."""
        failures = 0
        while True:
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            problem = await self._run_process()
            failures = 0 if problem is None else failures + 1
            too_many = failures >= _MOST_FAILED_STARTS
            if problem is not None and too_many and not self.first.done():
                self._settle_first(problem)

    def _settle_first(self, problem: "_Problem") -> None:
        """Finish `first` without a process; one that was killed may succeed the next time."""
        if problem.reported:
            verdict = FatalError(f"worker processes do not start: {problem.text}")
            self.first.set_exception(verdict)
        else:
            self.first.set_result(None)

    async def _run_process(self) -> "_Problem | None":
        """Run one process to its end; return why it did not become ready, None if it did."""
        self._worn = False
        try:
            worker = await self._start()
        except OSError as error:
            return _Problem(str(error), reported=True)
        problems = _Problems()
        worker.on_outcome = problems
        how, was_ready = "stopped", False
        try:
            await worker.ready.wait()
            if not worker.ended.is_set():
                was_ready = True
                self._be_ready(worker)
            how = await worker.wait()
        finally:
            self._worker, self.topic = None, ""
            worker.kill()
            await worker.wait()
            self._fail(how)
            await worker.remove_scratch()
        self.deaths += was_ready
        return None if was_ready else _Problem(problems.text or how, reported=bool(problems.text))

    def _be_ready(self, worker: WorkerProcess) -> None:
        self._worker = worker
        worker.on_outcome = self._settle
        if not self.first.done():
            self.first.set_result(None)
        if self._worn:
            self._discard()
        self._on_idle()

    def _settle(self, outcome: Outcome) -> None:
        request = self._release()
        if request is not None:
            request.settle(outcome)
        # After a MemoryError it may still hold the memory.
        if self._worn or (isinstance(outcome, Failed) and outcome.name == MemoryError.__name__):
            self._discard()
        self._on_idle()

    def _discard(self) -> None:
        """Kill the idle process."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _fail(self, how: str) -> None:
        verdict, self._verdict = self._verdict, None
        request = self._release()
        if request is not None:
            request.fail(verdict or _ended(request, how))

    def _release(self) -> Request | None:
        """Return the request that was computed, if any, with its timers cancelled."""
        request, self.request = self.request, None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if request is not None and request.deadline is not None:
            request.deadline.end()
        return request


def _ended(request: Request, how: str) -> Exception:
    if request.deadline is not None and request.deadline.passed:
        return TimeoutError(f"{request.target}: its time was over")
    return WorkerDiedError(f"{request.target}: its worker process ended ({how})")


class _Problem(NamedTuple):
    """The reason why a process did not become ready."""

    text: str
    """The reason."""
    reported: bool
    """True: the process or the system reported it. False: the process was killed or crashed."""


class _Problems:
    """Remembers the error that a process reported before it was ready."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self.text = outcome.summary

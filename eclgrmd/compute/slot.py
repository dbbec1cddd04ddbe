"""A place for one worker process after another."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from eclgrmd.errors import EclgrmdError, FatalError

from .failures import WorkerDiedError, WorkerTimeoutError
from .frames import Failed, Until, pack
from .process import Outcome, WorkerProcess
from .request import Request

__all__ = ["Slot"]

_PAUSES_S = (0.0, 0.2, 1.0, 5.0)
_HOPELESS = 3


class Slot:
    """Keeps a worker process alive and gives it one request at a time.

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
        self.deaths = 0
        """Processes that were ready once and ended."""
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the slot is ready for the first time, hopeless, or killed again and again."""
        self._start = start
        self._on_idle = on_idle
        self._worker: WorkerProcess | None = None
        self._verdict: EclgrmdError | None = None
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a process that answers."""
        return self._worker is not None and not self._worker.ended.is_set()

    @property
    def idle(self) -> bool:
        """Whether it can take a request."""
        return self.alive and self.request is None

    def begin(self, request: Request) -> None:
        """Compute ``request``; only for a slot that is `idle`."""
        worker = self._worker
        if worker is None:
            request.fail(WorkerDiedError(f"{request.target}: there is no worker process"))
            return
        self.request = request
        if request.limit_s is not None:
            loop = asyncio.get_running_loop()
            verdict = WorkerTimeoutError(f"{request.target} took longer than {request.limit_s:g} s")
            self._alarm = loop.call_later(request.limit_s, self.interrupt, request, verdict)
        worker.begin(request.frame)
        if request.permit is not None:
            request.permit.begin(lambda moment_s: worker.begin(pack(Until(moment_s))))

    def interrupt(self, request: Request, verdict: EclgrmdError) -> None:
        """End the process if it still computes ``request``, which fails with ``verdict``."""
        if self.request is request and self._worker is not None:
            self._verdict = verdict
            self._worker.kill()

    async def keep(self) -> None:
        """Have a process, until cancelled."""
        failures = 0
        while True:
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            problem = await self._life()
            failures = 0 if problem is None else failures + 1
            if problem is not None and failures >= _HOPELESS and not self.first.done():
                self._go_on_without(problem)

    def _go_on_without(self, problem: "_Problem") -> None:
        """Give up waiting for a first process: one that was killed may live the next time."""
        if problem.own:
            verdict = FatalError(f"worker processes do not start: {problem.text}")
            self.first.set_exception(verdict)
        else:
            self.first.set_result(None)

    async def _life(self) -> "_Problem | None":
        """Live with one process to its end; say what kept it from becoming ready, if anything."""
        try:
            worker = await self._start()
        except OSError as error:
            return _Problem(str(error), own=True)
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
            self._worker = None
            worker.kill()
            await worker.wait()
            self._fail(how)
            await worker.forget_scratch()
        self.deaths += was_ready
        return None if was_ready else _Problem(problems.text or how, own=bool(problems.text))

    def _be_ready(self, worker: WorkerProcess) -> None:
        self._worker = worker
        worker.on_outcome = self._settle
        if not self.first.done():
            self.first.set_result(None)
        self._on_idle()

    def _settle(self, outcome: Outcome) -> None:
        request = self._over()
        if request is not None:
            request.settle(outcome)
        if isinstance(outcome, Failed) and isinstance(outcome.error, MemoryError):
            self._retire()
        else:
            self._on_idle()

    def _retire(self) -> None:
        """End a process of which nobody knows what it still holds."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _fail(self, how: str) -> None:
        verdict, self._verdict = self._verdict, None
        request = self._over()
        if request is not None:
            request.fail(verdict or _ended(request, how))

    def _over(self) -> Request | None:
        """Give what was computed, if anything; nothing can end it any more."""
        request, self.request = self.request, None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if request is not None and request.permit is not None:
            request.permit.end()
        return request


def _ended(request: Request, how: str) -> Exception:
    if request.permit is not None and request.permit.over:
        return TimeoutError(f"{request.target}: its time was over")
    return WorkerDiedError(f"{request.target}: its worker process ended ({how})")


class _Problem(NamedTuple):
    """What kept a process from becoming ready."""

    text: str
    own: bool
    """It said so itself; else somebody or something killed it."""


class _Problems:
    """Remembers what a process said before it was ready."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self.text = outcome.summary

"""A call that waits for its result."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .deadline import Deadline
from .failures import RemoteError, WorkerMemoryError
from .frames import Done, Failed
from .process import Outcome

__all__ = ["Request", "target_of"]


@dataclass(slots=True, eq=False)
class Request:
    """A call to compute, and the future that receives its result."""

    target: str
    """``module:name`` of the function."""
    frame: bytes
    """The packed `Call`."""
    limit_s: float | None
    """Time that the call may run, seconds; None: no limit."""
    answer: asyncio.Future[Any]
    """Receives the result or the error."""
    deadline: Deadline | None = None
    """When the worker ends itself; None: never."""
    shares: tuple[str, ...] = ()
    """Owners of the call, the widest first, such as its sender and its burst; see `FairQueue`."""
    topic: str = ""
    """What the call is about, such as a task: the worker whose last call had the same topic is
    preferred, because it may hold what the call needs; empty: any worker will do."""

    def settle(self, outcome: Outcome) -> None:
        """Set the result or the error that the worker reported."""
        match outcome:
            case Done(value):
                if not self.answer.done():
                    self.answer.set_result(value)
            case Failed(error, summary, traceback):
                self.fail(self._raised(error, summary, traceback))

    def fail(self, error: BaseException) -> None:
        """Set an error, unless the call was answered or cancelled before."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def _raised(self, error: BaseException | None, summary: str, traceback: str) -> BaseException:
        if isinstance(error, MemoryError):
            error = WorkerMemoryError(f"{self.target} needs more memory than a worker may have")
        elif error is None:
            error = RemoteError(f"{self.target} failed with {summary}")
        error.add_note(f"In the worker process:\n{traceback}")
        return error


def target_of(function: Callable[..., Any] | str) -> str:
    """Return the ``module:name`` by which a worker finds a function.

    Raises
    ------
    TypeError
        If there is none: for a lambda, a local function or a bound method.
    """
    if isinstance(function, str):
        return function
    name = getattr(function, "__qualname__", "<")
    if "<" in name or getattr(function, "__self__", None) is not None:
        raise TypeError(f"{function!r} is not a function of a module: no worker can find it")
    return f"{function.__module__}:{name}"

"""A call that somebody waits for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .failures import RemoteError, WorkerMemoryError
from .frames import Done, Failed
from .permit import Permit
from .process import Outcome

__all__ = ["Request", "target_of"]


@dataclass(slots=True, eq=False)
class Request:
    """What to compute, and the future that gets the answer."""

    target: str
    """``module:name`` of the function."""
    frame: bytes
    limit_s: float | None
    answer: asyncio.Future[Any]
    permit: Permit | None = None
    shares: tuple[str, ...] = ()
    """For whom it is, the widest first: a sender, a burst."""

    def settle(self, outcome: Outcome) -> None:
        """Answer with what the worker said."""
        match outcome:
            case Done(value):
                if not self.answer.done():
                    self.answer.set_result(value)
            case Failed(error, summary, traceback):
                self.fail(self._raised(error, summary, traceback))

    def fail(self, error: BaseException) -> None:
        """Answer with an error; nobody may be waiting any more."""
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
    """``module:name`` under which a worker finds ``function``.

    Raises
    ------
    TypeError
        It has none: a lambda, a local function or a bound method.
    """
    if isinstance(function, str):
        return function
    name = getattr(function, "__qualname__", "<")
    if "<" in name or getattr(function, "__self__", None) is not None:
        raise TypeError(f"{function!r} is not a function of a module: no worker can find it")
    return f"{function.__module__}:{name}"

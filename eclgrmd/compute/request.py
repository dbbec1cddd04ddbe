"""A call that waits for its result."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec

from .deadline import Deadline
from .failures import RemoteError, WorkerMemoryError
from .frames import Done, Failed, Outcome
from .reports import rebuilt

__all__ = ["Request", "decoder_of", "target_of"]


@dataclass(slots=True, eq=False)
class Request:
    """A call to compute, and the future that receives its result."""

    target: str
    """``module:name`` of the function."""
    frame: bytes
    """The packed `Call`."""
    decoder: msgspec.msgpack.Decoder[Any]
    """Decodes the result as the type that the function returns."""
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
                self._finish(value)
            case Failed():
                self.fail(self._raised(outcome))

    def fail(self, error: BaseException) -> None:
        """Set an error, unless the call was answered or cancelled before."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def _finish(self, value: msgspec.Raw) -> None:
        if self.answer.done():
            return
        try:
            self.answer.set_result(self.decoder.decode(value))
        except (ValueError, RecursionError) as error:
            self.fail(RemoteError(f"{self.target} returned a wrong value: {error}"))

    def _raised(self, failed: Failed) -> BaseException:
        error = rebuilt(failed)
        if isinstance(error, MemoryError):
            error = WorkerMemoryError(f"{self.target} needs more memory than a worker may have")
        elif error is None:
            error = RemoteError(f"{self.target} failed with {failed.summary}")
        error.add_note(f"In the worker process:\n{failed.traceback}")
        return error


@cache
def decoder_of(function: Callable[..., Any] | str) -> msgspec.msgpack.Decoder[Any]:
    """Return a decoder for what a function returns; plain values if it is only named."""
    kind = Any if isinstance(function, str) else get_type_hints(function).get("return", Any)
    return msgspec.msgpack.Decoder(kind)


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

"""A call that one thread waits for while the loop of another runs it."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

__all__ = ["WaitingCall"]

T = TypeVar("T")

_LOOK_S = 0.5
"""Time after which the waiting thread looks for signals, as one that came just before the wait
does not end it, seconds."""


class WaitingCall(Generic[T]):
    """Runs a coroutine on the loop of another thread, and may be interrupted at any moment.

    The threads share one plain lock. A future of `concurrent.futures` has conditions: an interrupt
    that comes while Python enters one leaves it locked, and the loop waits for it forever.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> None:
        self._coroutine = coroutine
        self._loop = loop
        self._task: asyncio.Task[None] | None = None
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._running = threading.Lock()
        self._running.acquire()

    def result(self) -> T:
        """Run the coroutine, and return its result; an interrupt cancels it."""
        try:
            self._loop.call_soon_threadsafe(self._start)
            while not self._running.acquire(timeout=_LOOK_S):
                pass
        except BaseException:
            self._loop.call_soon_threadsafe(self._cancel)
            raise
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _start(self) -> None:
        self._task = self._loop.create_task(self._run())
        # A task that is cancelled before its first step has never begun the coroutine.
        self._task.add_done_callback(lambda _: self._coroutine.close())

    async def _run(self) -> None:
        try:
            self._results.append(await self._coroutine)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            self._error = error
        finally:
            self._task = None
            self._running.release()

    def _cancel(self) -> None:
        if self._task is None:
            self._coroutine.close()
        else:
            self._task.cancel()

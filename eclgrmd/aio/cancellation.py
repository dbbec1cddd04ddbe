"""What a library swallowed: a cancellation that must not be lost."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["heeding_cancellation"]


@contextmanager
def heeding_cancellation() -> Iterator[None]:
    """Break off behind what is inside, if it was cancelled there and went on all the same.

    nats-py takes a cancellation for the end of its own waiting when it comes while it flushes, and
    so does `asyncio.wait_for` of Python 3.11 when the answer comes in the same moment. Who was
    cancelled then goes on for ever, as a task group cancels its tasks only once.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError

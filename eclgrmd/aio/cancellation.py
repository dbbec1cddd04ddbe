"""Cancellations that a library swallowed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["reraising_cancellation"]


@contextmanager
def reraising_cancellation() -> Iterator[None]:
    """Re-raise a cancellation that the wrapped code swallowed.

    nats-py swallows a cancellation that arrives while it flushes; `asyncio.wait_for` of Python 3.11
    swallows one that arrives together with the result. The task would then run for ever, because a
    task group cancels its tasks only once.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError

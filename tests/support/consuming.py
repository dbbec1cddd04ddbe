"""Run a consumer beside a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from eclgrmd.bus import Bus, Delivery
from tests.support.limits import LIMIT_S

__all__ = ["consuming", "eventually"]


@contextlib.asynccontextmanager
async def consuming(
    bus: Bus,
    stream: str,
    subject: str,
    handler: Callable[[Delivery], Awaitable[None]],
    **settings: Any,
) -> AsyncIterator[None]:
    """Consume with ``handler`` while inside."""
    async with asyncio.TaskGroup() as tasks:
        consumer = tasks.create_task(
            bus.consume(stream, subject, "test", handler, **settings), name="consumer"
        )
        try:
            yield
        finally:
            consumer.cancel()


async def eventually(condition: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 - a test looks from outside, at anything
            await asyncio.sleep(0.005)

"""Run a consumer beside a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVarTuple

from eclgrmd.bus import Bus, Delivery
from tests.support.limits import LIMIT_S

__all__ = ["consuming", "eventually"]

Ts = TypeVarTuple("Ts")


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


async def eventually(
    condition: Callable[[*Ts], bool], *arguments: *Ts, limit_s: float = LIMIT_S
) -> None:
    """Wait until ``condition(*arguments)`` holds."""
    async with asyncio.timeout(limit_s):
        while not condition(*arguments):  # noqa: ASYNC110 - a test looks from outside, at anything
            await asyncio.sleep(0.005)

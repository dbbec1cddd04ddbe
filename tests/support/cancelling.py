"""Cancels at every place where something waits."""

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable

__all__ = ["assert_heeds_cancellation"]

_TURNS = 60


async def assert_heeds_cancellation(run: Callable[[], Awaitable[object]]) -> None:
    """Cancel ``run`` after 0, 1, 2 and more turns of an event loop, which must end it.

    The loop is another one: asyncio drops a connection whose opening is cancelled in its last
    moment, and that lies about until its loop is closed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        await asyncio.to_thread(asyncio.run, _cancel_after_each_turn(run))
        gc.collect()


async def _cancel_after_each_turn(run: Callable[[], Awaitable[object]]) -> None:
    async def running() -> None:
        await run()

    for turns in range(_TURNS):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running(), name="running")
            for _ in range(turns):
                await asyncio.sleep(0)
            told = task.cancel()
        assert task.cancelled() or not told, f"went on when cancelled after {turns} turns"

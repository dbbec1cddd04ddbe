"""Cancels at every place where something waits."""

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable

_TURNS = 60


async def assert_heeds_cancellation(run: Callable[[], Awaitable[object]]) -> None:
    """Cancel ``run`` after 0, 1, 2 and more turns of the event loop, which must end it."""

    async def running() -> None:
        await run()

    for turns in range(_TURNS):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running(), name="running")
            for _ in range(turns):
                await asyncio.sleep(0)
            told = task.cancel()
        assert task.cancelled() or not told, f"went on when cancelled after {turns} turns"
    with warnings.catch_warnings():
        # asyncio drops a connection whose opening is cancelled in its last moment.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()

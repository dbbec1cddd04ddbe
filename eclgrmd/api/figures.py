"""Requests that wait for figures, and that have figures drawn which are left to the first one."""

import asyncio

from eclgrmd.errors import TransientError
from eclgrmd.model.task import PENDING_FIGURES, FiguresState
from eclgrmd.store.tasks.figures import want_figures

from .services import Services

__all__ = ["wait_for_figures"]

_LONGEST_S = 60.0
"""Longest time that a request waits for figures, seconds."""
_RETRY_S = 5.0
"""Time after which a client is asked to try again, seconds."""


async def wait_for_figures(services: Services, task_id: str) -> FiguresState:
    """Have figures drawn that are left to the first request, and wait for those to come.

    Returns
    -------
    FiguresState
        Their state now; NONE also if there is no such task.

    Raises
    ------
    TransientError
        If they are not drawn within a minute, or if the daemon stops.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + _LONGEST_S
    while True:
        seen = services.hints.results.count
        async with services.database.transaction() as transaction:
            state = await want_figures(transaction, task_id)
        if state not in PENDING_FIGURES:
            return state
        left_s = until_s - loop.time()
        if left_s <= 0.0 or not services.health.rest_ready:
            raise TransientError(
                f"the figures of task {task_id!r} are {state}: try again later", delay_s=_RETRY_S
            )
        services.hints.tasks.give()
        # Another daemon may draw them, whose hints do not come here.
        await services.hints.results.wait(seen, min(left_s, services.settings.now.tasks.poll_s))

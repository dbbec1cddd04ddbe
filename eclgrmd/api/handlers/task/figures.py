"""Requests that wait for figures, and that have figures drawn which are left to the first one."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from eclgrmd.api.requests import answer
from eclgrmd.api.routing.table import Answer
from eclgrmd.api.services import Services
from eclgrmd.errors import TransientError
from eclgrmd.model.rest.tasks import FiguresToCome
from eclgrmd.model.task import PENDING_FIGURES, FiguresState
from eclgrmd.store.tasks.figures import want_figures

__all__ = ["TO_COME", "to_come", "wait_for_figures"]

TO_COME = {int(HTTPStatus.ACCEPTED): Answer(FiguresToCome, ("Retry-After",))}
"""The response of routes whose figures are still to be drawn."""
_RETRY_S = 5
"""Time after which a client is asked to try again, seconds."""
_WHY = {
    FiguresState.QUEUED: "queued: they are drawn as soon as no analysis waits",
    FiguresState.RUNNING: "being drawn",
}


async def wait_for_figures(services: Services, task_id: str, wait_s: int) -> FiguresState:
    """Have figures drawn that are left to the first request, and wait for those to come.

    Returns
    -------
    FiguresState
        Their state at the end of the wait; NONE also if there is no such task.

    Raises
    ------
    TransientError
        If the daemon stops.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + wait_s
    while True:
        seen = services.hints.results.count
        async with services.database.transaction() as transaction:
            state = await want_figures(transaction, task_id)
        if state not in PENDING_FIGURES:
            return state
        services.hints.tasks.give()
        if not services.health.rest_ready:
            raise TransientError("the daemon stops: request the figures again", delay_s=_RETRY_S)
        left_s = until_s - loop.time()
        if left_s <= 0.0:
            return state
        # Another daemon may draw them, whose hints do not come here.
        await services.hints.results.wait(seen, min(left_s, services.settings.now.tasks.poll_s))


def to_come(request: web.Request, task_id: str, state: FiguresState) -> web.Response:
    """Return a 202: the figures are still to be drawn, and the same request brings them later."""
    detail = f"the figures of task {task_id!r} are {_WHY[state]}; request this link again"
    view = FiguresToCome(
        state=state, detail=detail, link=str(request.rel_url), retry_after_s=_RETRY_S
    )
    response = answer(view, HTTPStatus.ACCEPTED)
    response.headers.update({"Retry-After": str(_RETRY_S), "Cache-Control": "no-store"})
    return response

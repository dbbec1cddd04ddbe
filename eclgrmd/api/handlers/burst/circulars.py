"""`/bursts/{id}/compare-circular`: a circular of another mission beside a result."""

from aiohttp import web

from eclgrmd.api.access.client import client_of
from eclgrmd.api.requests import read_body, unknown
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.api.worker_functions import circular_beside
from eclgrmd.model.access import Role
from eclgrmd.model.circular import CircularComparison
from eclgrmd.model.decode import decode_json
from eclgrmd.model.rest.circulars import CircularWanted
from eclgrmd.store.intake.bursts import burst
from eclgrmd.store.tasks.products import main_result

__all__ = ["routes"]

routes = Routes(__name__, keyed=False)  # nothing is changed
_LONGEST = 100_000
"""Most bytes of a body: characters may be escaped."""
_TIME_LIMIT_S = 30.0
"""A circular is read in milliseconds; a text that is none must not hold a worker for long."""


@routes.at(
    "POST /bursts/{burst_id}/compare-circular",
    {200: CircularComparison},
    needs=Role.READER,
    body=CircularWanted,
    errors=(409,),
)
async def beside(request: web.Request) -> web.Response:
    """Return what a circular states beside our result, with differences in sigma."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    wanted = decode_json(await read_body(request, _LONGEST), CircularWanted, what="circular")
    async with services.database.reading() as transaction:
        row = await burst(transaction, burst_id)
        if row is None:
            raise unknown("burst", burst_id)
        found = await main_result(transaction, burst_id, wanted.task or "")
    if found is None:
        which = f"task {wanted.task!r}" if wanted.task else "a task"
        raise web.HTTPConflict(text=f"no result of {which} of burst {burst_id!r} is kept")
    body: bytes = await services.renderers.call(
        circular_beside,
        str(services.files.path(found.path)),
        wanted.text,
        timeout_s=_TIME_LIMIT_S,
        shares=(client_of(request).key,),
    )
    return web.Response(body=body, content_type="application/json")

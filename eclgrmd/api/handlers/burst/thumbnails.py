"""`/bursts/{id}/thumbnail`: a small light curve of a burst, for lists."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from eclgrmd import __version__
from eclgrmd.api.access.client import client_of
from eclgrmd.api.requests import unknown
from eclgrmd.api.routing.conditional import compressed, is_known, tag_of
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.api.worker_functions import quick_thumbnail, thumbnail
from eclgrmd.model.access import Role
from eclgrmd.model.rest.thumbnails import Thumbnail, ThumbnailForm, ThumbnailQuery
from eclgrmd.store.intake.bursts import burst
from eclgrmd.store.quicklook.replays import newest_update
from eclgrmd.store.tasks.products import MainSteps, main_steps

from .vhf_pictures import replay_for

__all__ = ["routes"]

routes = Routes(__name__)
_TIME_LIMIT_S = 60.0
_SVG = "image/svg+xml"
_MEDIA_TYPES = {ThumbnailForm.SVG: _SVG, ThumbnailForm.JSON: "application/json"}
_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


@routes.at(
    "GET /bursts/{burst_id}/thumbnail",
    {
        200: Answer(Thumbnail, ("ETag", "Vary"), (_SVG,)),
        304: Answer(None, ("ETag",)),
    },
    needs=Role.READER,
    query=ThumbnailQuery,
    errors=(409, 410),
)
async def one(request: web.Request, query: ThumbnailQuery) -> web.Response:
    """Return the light curve around a burst in 60 bins, as an image or as numbers.

    It is that of the burst's main result, or else of the quick look.
    """
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    form = query.format
    async with services.database.reading() as transaction:
        row = await burst(transaction, burst_id)
        if row is None:
            raise unknown("burst", burst_id)
        steps = await main_steps(transaction, burst_id)
        version = await newest_update(transaction, burst_id)
    basis = [__version__, burst_id, form, steps.path if steps else version]
    tag = tag_of(msgspec.json.encode(basis))
    if is_known(request, tag):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    body = services.thumbnails.find(tag)
    if body is None:
        body = await _made(request, burst_id, steps, form)
        services.thumbnails.keep(tag, body)
    headers = {"ETag": tag, "Vary": "Accept-Encoding", **_POLICY}
    response = web.Response(body=body, content_type=_MEDIA_TYPES[form], headers=headers)
    return compressed(request, response, len(body))


async def _made(
    request: web.Request, burst_id: str, steps: MainSteps | None, form: ThumbnailForm
) -> bytes:
    services: Services = request.app[SERVICES]
    shares = (client_of(request).key,)
    workers = services.picturing
    if steps is not None:
        path = str(services.files.path(steps.path))
        made: bytes = await workers.call(
            thumbnail, path, burst_id, form, timeout_s=_TIME_LIMIT_S, shares=shares
        )
        return made
    replay = await replay_for(services, burst_id, None)
    drawn: bytes = await workers.call(
        quick_thumbnail, replay, form, timeout_s=_TIME_LIMIT_S, shares=shares
    )
    return drawn

"""`/task/{id}/light-curves` and others: data for pictures, from the stored result of a task."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from msgspec import UNSET, Struct

from eclgrmd import __version__
from eclgrmd.api.access.client import client_of
from eclgrmd.api.requests import unknown
from eclgrmd.api.routing.conditional import compressed, is_known, tag_of
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.api.worker_functions import picture
from eclgrmd.model.access import Role
from eclgrmd.model.pipeline import STEPS_NAME
from eclgrmd.model.rest.pictures import (
    Evolution,
    LightCurveQuery,
    LightCurves,
    MeasuredDurations,
    PictureForm,
    PictureKind,
    PictureQuery,
    Spectra,
    SpectraQuery,
)
from eclgrmd.store.tasks.products import ProductRow, product
from eclgrmd.store.tasks.task_views import task

__all__ = ["drawn", "picture_answers", "routes"]

routes = Routes(__name__)
_MSGPACK = "application/msgpack"
_MEDIA_TYPES = {PictureForm.JSON: "application/json", PictureForm.MSGPACK: _MSGPACK}
"""Media type of each encoding."""
_TIME_LIMIT_S = 30.0
"""Time that a picture may take; the largest one takes about a second."""


def picture_answers(body: type[Struct]) -> dict[int, Any]:
    """Return the responses of a route with data for a picture."""
    return {
        200: Answer(body, ("ETag", "Vary"), (_MSGPACK,)),
        304: Answer(None, ("ETag",)),
    }


@routes.at(
    "GET /task/{task_id}/light-curves",
    picture_answers(LightCurves),
    needs=Role.READER,
    query=LightCurveQuery,
    errors=(409, 410),
)
async def light_curves(request: web.Request, query: LightCurveQuery) -> web.Response:
    """Return light curves of a task with their background, in any window, bins and bands."""
    return await _picture(request, PictureKind.LIGHT_CURVES, query)


@routes.at(
    "GET /task/{task_id}/durations",
    picture_answers(MeasuredDurations),
    needs=Role.READER,
    query=PictureQuery,
    errors=(409, 410),
)
async def durations(request: web.Request, query: PictureQuery) -> web.Response:
    """Return the durations of a task, with their blocks, and what light curves can be made."""
    return await _picture(request, PictureKind.DURATIONS, query)


@routes.at(
    "GET /task/{task_id}/spectra",
    picture_answers(Spectra),
    needs=Role.READER,
    query=SpectraQuery,
    errors=(409, 410),
)
async def spectra(request: web.Request, query: SpectraQuery) -> web.Response:
    """Return the spectra of an interval with folded models, residuals and model curves."""
    return await _picture(request, PictureKind.SPECTRA, query)


@routes.at(
    "GET /task/{task_id}/evolution",
    picture_answers(Evolution),
    needs=Role.READER,
    query=PictureQuery,
    errors=(409, 410),
)
async def evolution(request: web.Request, query: PictureQuery) -> web.Response:
    """Return the parameters of the reference model in consecutive intervals."""
    return await _picture(request, PictureKind.EVOLUTION, query)


async def _picture(request: web.Request, kind: PictureKind, query: PictureQuery) -> web.Response:
    services = request.app[SERVICES]
    steps = await _steps(services, request.match_info["task_id"])
    path = str(services.files.path(steps.path))
    # The result of a task never changes, so that its checksum and the query decide on the content.
    return await drawn(request, kind, query, picture, path, steps.sha256, _TIME_LIMIT_S)


async def drawn(
    request: web.Request,
    kind: PictureKind,
    query: PictureQuery,
    draw: Callable[[PictureKind, Any, bytes, PictureForm], bytes],
    source: Any,
    content: str,
    limit_s: float,
) -> web.Response:
    """Return the data of a picture, drawn in a worker, unless the client has them.

    Parameters
    ----------
    draw
        A function for workers; it is called with `kind`, `source`, the encoded query and the form.
    content
        Identifies the content of `source`, for the entity tag.
    limit_s
        Time that it may take.
    """
    form = _form(request, query)
    asked = msgspec.json.encode(query)
    tag = tag_of(msgspec.json.encode([__version__, content, kind, form, asked.decode()]))
    if is_known(request, tag):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    body: bytes = await request.app[SERVICES].picturing.call(
        draw, kind, source, asked, form, timeout_s=limit_s, shares=(client_of(request).key,)
    )
    headers = {"ETag": tag, "Vary": "Accept, Accept-Encoding"}
    response = web.Response(body=body, content_type=_MEDIA_TYPES[form], headers=headers)
    return compressed(request, response, len(body))


def _form(request: web.Request, query: PictureQuery) -> PictureForm:
    """Return the encoding that a request wants."""
    if query.format is not UNSET:
        return query.format
    accepted = request.headers.get("Accept", "")
    return PictureForm.MSGPACK if _MSGPACK in accepted else PictureForm.JSON


async def _steps(services: Services, task_id: str) -> ProductRow:
    """Return the row of a task's stored steps."""
    async with services.database.transaction() as transaction:
        row = await product(transaction, task_id, STEPS_NAME)
        known = row is not None or await task(transaction, task_id) is not None
    if not known:
        raise unknown("task", task_id)
    if row is None:
        raise web.HTTPNotFound(text=f"task {task_id!r} has no result")
    if row.cleaned_at is not None:
        raise web.HTTPGone(text=f"the result of task {task_id!r} was cleaned")
    return row

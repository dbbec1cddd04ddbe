"""`/catalogue`, `/task/{id}/archive` and `/report`: results for other programs and for people."""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import web

from eclgrmd.api.requests import unknown
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.api.worker_functions import archive, catalogue, report
from eclgrmd.model.access import Role
from eclgrmd.model.catalogue import MEDIA_TYPES
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import CatalogueQuery, FiguresQuery
from eclgrmd.model.task import PENDING_FIGURES
from eclgrmd.store.tasks.products import products, results

from .figures import TO_COME, to_come, wait_for_figures
from .products import FILE

__all__ = ["routes"]

routes = Routes(__name__)
_TIME_LIMIT_S = 300.0
"""Time that a worker may take: more than the largest catalogue needs on a busy machine."""
_SHARE = "exports"
"""Owner of the calls of all requests, so that they leave workers to others."""
_LEFT_OUT_KINDS = frozenset({"steps"})
"""Kinds of products that are of use only for re-runs by the same daemon."""
_ZIP = {"Content-Type": "application/zip"}
_HTML = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "sandbox allow-scripts",  # it is a document, no part of this site
    "X-Content-Type-Options": "nosniff",
}
_Maker = Callable[[Mapping[str, str], str], str]
"""Writes a file of the products of a task, and returns its name."""


@routes.at(
    "GET /catalogue",
    {200: Answer("*/*", ("Link", "Content-Disposition", "X-Results-Left-Out"))},
    needs=Role.READER,
    query=CatalogueQuery,
)
async def table(request: web.Request, query: CatalogueQuery) -> web.Response:
    """Return a table of results: one row for each; `Link` leads to the rest of a long one."""
    services = request.app[SERVICES]
    async with services.database.transaction() as transaction:
        rows = await results(
            transaction,
            after=query.after or "",
            limit=query.limit,
            burst_id=query.burst_id or "",
            superseded=query.superseded,
        )
    found = [(row.task_id, str(services.files.path(row.path))) for row in rows]
    content, left_out = await services.renderers.call(
        catalogue, found, query.format, timeout_s=_TIME_LIMIT_S, shares=(_SHARE,)
    )
    headers = {
        "Content-Type": MEDIA_TYPES[query.format],
        "Content-Disposition": f'attachment; filename="catalogue.{query.format}"',
        "X-Results-Left-Out": str(left_out),
    }
    if len(rows) == query.limit:
        asked = {**request.query, "after": rows[-1].task_id}
        headers["Link"] = f'<{API}/catalogue?{urlencode(asked)}>; rel="next"'
    return web.Response(body=content, headers=headers)


@routes.at(
    "GET /task/{task_id}/archive",
    {
        **FILE,
        **TO_COME,
        200: Answer("application/zip", ("Content-Disposition", "ETag", "Accept-Ranges")),
    },
    needs=Role.READER,
    query=FiguresQuery,
    errors=(410, 507),
)
async def packed(request: web.Request, query: FiguresQuery) -> web.StreamResponse:
    """Send all products of a task in one archive with contents, checksums, licence and citation."""
    return await _made(request, query, archive, _ZIP)


@routes.at(
    "GET /task/{task_id}/report",
    {
        **FILE,
        **TO_COME,
        200: Answer("text/html", ("Content-Disposition", "ETag", "Accept-Ranges")),
    },
    needs=Role.READER,
    query=FiguresQuery,
    errors=(410, 507),
)
async def reported(request: web.Request, query: FiguresQuery) -> web.StreamResponse:
    """Send the report of a task: one HTML file with data and light curve, which works offline."""
    return await _made(request, query, report, _HTML)


async def _made(
    request: web.Request, query: FiguresQuery, make: _Maker, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send a file that is made of all products of a task, or a 202 while figures are to come."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    state = await wait_for_figures(services, task_id, query.wait)
    if state in PENDING_FIGURES:
        return to_come(request, task_id, state)
    found = await _files(services, task_id)
    path = await asyncio.to_thread(services.files.incoming, f"export-{uuid4().hex}")
    try:
        name = await services.renderers.call(
            make, found, str(path), timeout_s=_TIME_LIMIT_S, shares=(_SHARE,)
        )
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        response = web.FileResponse(path, headers={**headers, **named})
        await response.prepare(request)
    finally:
        await asyncio.to_thread(services.files.forget_incoming, path)
    return response


async def _files(services: Services, task_id: str) -> dict[str, str]:
    """Return the path of each product of a task by name; 404 or 410 if there is no result."""
    async with services.database.transaction() as transaction:
        rows = await products(transaction, task_id=task_id)
    found = {
        row.name: str(services.files.path(row.path))
        for row in rows
        if row.kind not in _LEFT_OUT_KINDS
    }
    if "result.json" not in found:
        raise unknown("result of task", task_id)
    if any(row.cleaned_at is not None for row in rows):
        raise web.HTTPGone(text=f"products of task {task_id!r} were cleaned")
    return found

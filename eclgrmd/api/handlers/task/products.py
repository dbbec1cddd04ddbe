"""`/products`: list and download the products of tasks."""

from datetime import datetime

from aiohttp import web

from eclgrmd.api.requests import answer, next_page, unknown
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.clock import microseconds, moment
from eclgrmd.model.access import Role
from eclgrmd.model.names import is_identifier
from eclgrmd.model.rest import API
from eclgrmd.model.rest.products import Product, ProductPage
from eclgrmd.model.rest.queries import FiguresQuery, ProductQuery
from eclgrmd.model.task import PENDING_FIGURES, FiguresState
from eclgrmd.store.tasks.products import ProductRow, product, product_page

from .figures import TO_COME, to_come, wait_for_figures

__all__ = ["FILE", "product_view", "routes", "tag_by_content"]

routes = Routes(__name__)
FILE = {
    200: Answer("*/*", ("ETag", "Accept-Ranges")),
    206: Answer("*/*", ("ETag", "Accept-Ranges", "Content-Range")),
    304: Answer(None, ("ETag",)),
    416: Answer(None, ("Content-Range",)),
}
"""Responses with a file, or with a part of it."""
_FIGURE = ".png"
"""Suffix of figures, which are perhaps still to be drawn."""
_TAG = "eclgrmd_tag"
"""Key under which a response carries its entity tag until its headers are prepared."""


@routes.at("GET /products", {200: ProductPage}, needs=Role.READER, query=ProductQuery)
async def listing(request: web.Request, query: ProductQuery) -> web.Response:
    """Return a page of products."""
    services = request.app[SERVICES]
    async with services.database.transaction() as transaction:
        rows = await product_page(transaction, query, _position(query.after))
    base = services.base_url()
    following = None
    if len(rows) == query.limit:
        last = rows[-1]
        following = next_page(
            request, f"{microseconds(last.created_at)}~{last.task_id}~{last.name}"
        )
    return answer(ProductPage(products=[product_view(row, base) for row in rows], next=following))


def _position(text: str) -> tuple[datetime, str, str] | None:
    if not text:
        return None
    at, task_id, name = text.split("~")
    return moment(int(at)), task_id, name


@routes.at(
    "GET /products/{task_id}/{name}",
    FILE | TO_COME,
    needs=Role.READER,
    query=FiguresQuery,
    errors=(410,),
)
async def fetch(request: web.Request, query: FiguresQuery) -> web.StreamResponse:
    """Send a product, or the part that the header `Range` asks for; 202 for a figure to come."""
    services = request.app[SERVICES]
    task_id, name = request.match_info["task_id"], request.match_info["name"]
    row, figures = await _found(services, task_id, name), FiguresState.NONE
    if row is None and name.endswith(_FIGURE):
        figures = await wait_for_figures(services, task_id, query.wait)
        if figures in PENDING_FIGURES:
            return to_come(request, task_id, figures)
        row = await _found(services, task_id, name)
    if row is None and not is_identifier(task_id):
        raise unknown("task", task_id)
    if row is None:
        failed = figures is FiguresState.FAILED
        why = f": drawing failed, see {API}/task/{task_id}/figures" if failed else ""
        raise web.HTTPNotFound(text=f"task {task_id!r} has no product {name!r}{why}")
    if row.cleaned_at is not None:
        raise web.HTTPGone(text=f"product {name!r} was cleaned on {row.cleaned_at} UTC")
    tag = f'"{row.sha256}"'
    if tag in request.headers.get("If-None-Match", ""):
        raise web.HTTPNotModified(headers={"ETag": tag})
    response = web.FileResponse(
        services.files.path(row.path), headers={"Content-Type": row.media_type}
    )
    response[_TAG] = tag
    return response


async def _found(services: Services, task_id: str, name: str) -> ProductRow | None:
    async with services.database.transaction() as transaction:
        return await product(transaction, task_id, name)


async def tag_by_content(_request: web.Request, response: web.StreamResponse) -> None:
    """Replace aiohttp's entity tag, made of time and size, by the checksum of the product."""
    if tag := response.get(_TAG):
        response.headers["ETag"] = tag


def product_view(row: ProductRow, base_url: str) -> Product:
    """Return a product as REST shows it."""
    return Product(
        task_id=row.task_id,
        name=row.name,
        burst_id=row.burst_id,
        kind=row.kind,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        created_at=row.created_at,
        cleaned_at=row.cleaned_at,
        series=row.series,
        proc_ver=row.proc_ver,
        incomplete=row.incomplete,
        superseded_by=row.superseded_by,
        link=f"{base_url}/products/{row.task_id}/{row.name}",
    )

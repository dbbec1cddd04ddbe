"""`/products`: list and download the products of tasks."""

from typing import Any

from aiohttp import web
from msgspec.structs import asdict

from eclgrmd.model.names import is_identifier
from eclgrmd.model.rest import API
from eclgrmd.model.task import FiguresState
from eclgrmd.store.tasks.products import ProductRow, product, products

from .figures import wait_for_figures
from .requests import answer, identifier_filter, unknown
from .services import SERVICES, Services

__all__ = ["product_view", "routes", "tag_by_content"]

routes = web.RouteTableDef()
_FIGURE = ".png"
"""Suffix of figures, which are perhaps still to be drawn."""
_TAG = "eclgrmd_tag"
"""Key under which a response carries its entity tag until its headers are prepared."""


@routes.get("/products")
async def listing(request: web.Request) -> web.Response:
    """Return the products of a burst or a task."""
    services = request.app[SERVICES]
    async with services.database.transaction() as transaction:
        rows = await products(
            transaction,
            burst_id=identifier_filter(request, "burst_id"),
            task_id=identifier_filter(request, "task_id"),
        )
    base = services.base_url()
    return answer({"products": [product_view(row, base) for row in rows]})


@routes.get("/products/{task_id}/{name}")
async def fetch(request: web.Request) -> web.StreamResponse:
    """Send a product, or the part that the header `Range` asks for; wait for a figure."""
    services = request.app[SERVICES]
    task_id, name = request.match_info["task_id"], request.match_info["name"]
    row, figures = await _found(services, task_id, name), FiguresState.NONE
    if row is None and name.endswith(_FIGURE):
        figures = await wait_for_figures(services, task_id)
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


def product_view(row: ProductRow, base_url: str) -> dict[str, Any]:
    """Return a product as REST shows it."""
    view = {key: value for key, value in asdict(row).items() if key != "path"}
    return {**view, "link": f"{base_url}/products/{row.task_id}/{row.name}"}

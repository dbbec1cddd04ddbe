"""The paths of version 0.1, which lead to the present ones for one version more."""

from http import HTTPStatus

from aiohttp import web

from eclgrmd.model.rest import API

__all__ = ["moved", "routes"]

_FIRST_PARTS = (
    "asyncapi", "bursts", "compare", "data", "dead-letters", "notice", "packet", "products",
    "schemas", "status", "task",
)  # fmt: skip
"""First parts of the old paths."""

routes = web.RouteTableDef()


@routes.route("*", f"/{{first:{'|'.join(_FIRST_PARTS)}}}{{rest:(/.*)?}}")
async def moved(request: web.Request) -> web.Response:
    """Redirect to the same path behind `/api/v1`; method, body and query stay."""
    location = f"{API}{request.rel_url.raw_path_qs}"
    return web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": location})

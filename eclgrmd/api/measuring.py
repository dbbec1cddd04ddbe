"""How long requests take, by route."""

import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.metrics import Metrics

__all__ = ["measuring"]


def measuring(metrics: Metrics) -> Middleware:
    """Give the middleware that measures: routes, not paths, which are without number."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = time.monotonic(), 499
        try:
            response = await handler(request)
            status = response.status
            return response
        finally:
            resource = request.match_info.route.resource
            route = resource.canonical if resource is not None else "none"
            took_s = time.monotonic() - began
            metrics.requests.labels(request.method, route, status).observe(took_s)

    return measure

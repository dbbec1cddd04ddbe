"""The duration of requests, by route."""

import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.metrics import Metrics

__all__ = ["measuring"]

_CLIENT_CLOSED = 499
"""Status that nginx introduced for a client that closed its connection before the response."""


def measuring(metrics: Metrics) -> Middleware:
    """Return the middleware that measures requests.

    It counts by route, not by path: the number of paths has no limit.
    """

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = time.monotonic(), _CLIENT_CLOSED
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

"""`/health` and `/metrics`: what load balancers and Prometheus ask, outside the versioned paths."""

from http import HTTPStatus

from aiohttp import web

from eclgrmd.api.requests import answer
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.rest.service import Live, Ready

__all__ = ["routes"]

routes = Routes(__name__, below="", tagged=False)


@routes.at("GET /health/live", {200: Live})
async def live(_request: web.Request) -> web.Response:
    """Respond as long as the event loop runs."""
    return answer(Live(live=True))


@routes.at("GET /health/ready", {200: Ready, 503: Ready})
async def ready(request: web.Request) -> web.Response:
    """Return the state of every dependency, with status 503 if one does not work."""
    health = request.app[SERVICES].health
    code = HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(health.report(), code)


@routes.at("GET /metrics", {200: "text/plain"})
async def metrics(request: web.Request) -> web.Response:
    """Return all metrics in the format of Prometheus."""
    services = request.app[SERVICES]
    await services.gauges.refresh()
    headers = {"Content-Type": services.metrics.content_type}
    return web.Response(body=services.metrics.encode(), headers=headers)

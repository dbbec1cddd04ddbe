"""`/health` and `/metrics`: what load balancers and Prometheus ask, outside the versioned paths."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from eclgrmd.api.access.client import client_of
from eclgrmd.api.requests import answer
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.rest.service import Live, Ready

__all__ = ["routes"]

routes = Routes(__name__, below="", tagged=False)
_TEXTS = frozenset({"fault", "reason"})
_UNTOLD = "only readers see the reason"


@routes.at("GET /health/live", {200: Live}, needs=Role.ANYONE)
async def live(_request: web.Request) -> web.Response:
    """Respond as long as the event loop runs."""
    return answer(Live(live=True))


@routes.at("GET /health/ready", {200: Ready, 503: Ready}, needs=Role.ANYONE)
async def ready(request: web.Request) -> web.Response:
    """Return the state of every dependency, with status 503 if one does not work.

    Only readers see what is wrong with it.
    """
    health = request.app[SERVICES].health
    code = HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE
    report = health.report()
    return answer(report if client_of(request).role.covers(Role.READER) else _bare(report), code)


@routes.at("GET /metrics", {200: "text/plain"}, needs=Role.READER)
async def metrics(request: web.Request) -> web.Response:
    """Return all metrics in the format of Prometheus."""
    services = request.app[SERVICES]
    await services.gauges.refresh()
    headers = {"Content-Type": services.metrics.content_type}
    return web.Response(body=services.metrics.encode(), headers=headers)


def _bare(report: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the texts about faults, which may name servers and logins."""
    return {
        key: _bare(value)
        if isinstance(value, dict)
        else _UNTOLD
        if key in _TEXTS and value
        else value
        for key, value in report.items()
    }

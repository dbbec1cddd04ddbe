"""The service itself: status, health, and the schemas of its messages."""

from http import HTTPStatus

from aiohttp import web

from eclgrmd.model.messages.asyncapi import asyncapi_document
from eclgrmd.model.messages.incoming import schemas

from .requests import answer
from .services import SERVICES

__all__ = ["routes"]

routes = web.RouteTableDef()


@routes.get("/status")
async def status(request: web.Request) -> web.Response:
    """Give the ServiceStatus."""
    return web.Response(body=request.app[SERVICES].status(), content_type="application/json")


@routes.get("/health/live")
async def live(_request: web.Request) -> web.Response:
    """Answer: the event loop turns."""
    return answer({"live": True})


@routes.get("/health/ready")
async def ready(request: web.Request) -> web.Response:
    """Tell whether everything works, and what does not."""
    health = request.app[SERVICES].health
    code = HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(health.report(), code)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Give all metrics in the form of Prometheus."""
    services = request.app[SERVICES]
    await services.gauges.refresh()
    headers = {"Content-Type": services.metrics.content_type}
    return web.Response(body=services.metrics.encode(), headers=headers)


@routes.get("/schemas")
async def message_schemas(_request: web.Request) -> web.Response:
    """Give the JSON Schema of every message."""
    return answer(schemas())


@routes.get("/asyncapi")
async def asyncapi(_request: web.Request) -> web.Response:
    """Give the AsyncAPI document of everything that goes over NATS."""
    return answer(asyncapi_document())

"""The service itself: its status, and the schemas of its messages."""

from aiohttp import web

from eclgrmd.model.messages.asyncapi import asyncapi_document
from eclgrmd.model.messages.incoming import schemas

from .requests import answer
from .services import SERVICES

__all__ = ["routes"]

routes = web.RouteTableDef()


@routes.get("/status")
async def status(request: web.Request) -> web.Response:
    """Return the service's status message."""
    return web.Response(body=request.app[SERVICES].status(), content_type="application/json")


@routes.get("/schemas")
async def message_schemas(_request: web.Request) -> web.Response:
    """Return the JSON Schema of every incoming message."""
    return answer(schemas())


@routes.get("/asyncapi")
async def asyncapi(_request: web.Request) -> web.Response:
    """Return the AsyncAPI document of all messages on NATS."""
    return answer(asyncapi_document())

"""The service itself: its status, and the schemas of its messages."""

from typing import Any

from aiohttp import web

from eclgrmd.api.requests import answer
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.messages.asyncapi import asyncapi_document
from eclgrmd.model.messages.founding import ServiceMessage
from eclgrmd.model.messages.incoming import schemas

__all__ = ["routes"]

routes = Routes(__name__)


@routes.at("GET /status", {200: ServiceMessage}, needs=Role.READER)
async def status(request: web.Request) -> web.Response:
    """Return the service's status message."""
    return web.Response(body=request.app[SERVICES].status(), content_type="application/json")


@routes.at("GET /schemas", {200: dict[str, Any]}, needs=Role.READER)
async def message_schemas(_request: web.Request) -> web.Response:
    """Return the JSON Schema of every incoming message."""
    return answer(schemas())


@routes.at("GET /asyncapi", {200: dict[str, Any]}, needs=Role.READER)
async def asyncapi(_request: web.Request) -> web.Response:
    """Return the AsyncAPI document of all messages on NATS."""
    return answer(asyncapi_document())

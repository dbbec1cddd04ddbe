"""All routes of the REST interface, and the document that describes them."""

import asyncio
from functools import cache
from typing import Any

import msgspec
from aiohttp import web

from eclgrmd.model.access import Role

from .handlers import campaigns, dead_letters, events, machines, service, sessions, tokens
from .handlers.burst import (
    bursts,
    circulars,
    data,
    decisions,
    previews,
    quicklook,
    thumbnails,
    vhf_pictures,
)
from .handlers.pages import reading
from .handlers.task import exports, pictures, products, reruns, studies, tasks
from .routing.openapi import openapi_document
from .routing.table import Route, Routes

__all__ = ["TABLE", "encode_openapi"]

_own = Routes("eclgrmd.api.document", below="")


@_own.at("GET /openapi.json", {200: dict[str, Any]}, needs=Role.READER)
async def openapi(_request: web.Request) -> web.Response:
    """Return the OpenAPI 3.1 document of this interface."""
    body = await asyncio.to_thread(encode_openapi)
    return web.Response(body=body, content_type="application/json")


@cache
def encode_openapi() -> bytes:
    """Return the OpenAPI document as JSON."""
    return msgspec.json.encode(openapi_document(TABLE))


_PARTS = (
    tasks, reruns, studies, data, products, pictures, exports, bursts, decisions, thumbnails,
    circulars, previews, quicklook, vhf_pictures, dead_letters, events, service, machines, reading,
    tokens, sessions, campaigns,
)  # fmt: skip

TABLE: tuple[Route, ...] = (
    *(route for part in _PARTS for route in part.routes.all),
    *_own.all,
)
"""Every route, described."""

"""Parsing of what requests ask for, and the form of what is answered."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from eclgrmd.errors import InputError

__all__ = ["after_id", "answer", "page_limit", "read_body"]

_LARGEST_PAGE = 1000


def answer(value: Any, status: int = HTTPStatus.OK) -> web.Response:
    """Answer JSON; times are ISO-8601 UTC."""
    return web.Response(
        body=msgspec.json.encode(_stamped(value)), status=status, content_type="application/json"
    )


def page_limit(request: web.Request) -> int:
    """Read `limit`: how many rows a page has."""
    text = request.query.get("limit", "100")
    if not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise InputError(f"limit = {text!r}: must be a whole number from 1 to {_LARGEST_PAGE}")
    return int(text)


def after_id(request: web.Request) -> int:
    """Read `after` where rows are numbered: the id of the last row seen."""
    text = request.query.get("after", "0")
    if not text.isdigit():
        raise InputError(f"after = {text!r}: must be the id of the last row seen")
    return int(text)


async def read_body(request: web.Request, limit: int) -> bytes:
    """Read a small body."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(65536):
        body += chunk
        if len(body) > limit:
            raise web.HTTPRequestEntityTooLarge(limit, len(body))
    return bytes(body)


def _stamped(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, dict):
        return {key: _stamped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_stamped(inner) for inner in value]
    return value

"""Parsing of what requests ask for, and the form of what is answered."""

from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from eclgrmd.aio.pace import Pace, SlowError
from eclgrmd.errors import InputError
from eclgrmd.model.names import IDENTIFIER_RULE, checked_identifier, is_identifier

__all__ = [
    "after_id",
    "answer",
    "body_chunks",
    "body_pace",
    "identifier_filter",
    "page_limit",
    "read_body",
    "unknown",
    "whole_number",
]

_LARGEST_PAGE = 1000
_CHUNK = 1 << 20
_BODY_LIMIT_S = 20.0
_BODY_LEAST_BYTES_S = 5_000.0
_MOST_DIGITS = 18
"""Bytes of a row's numbers: what the columns hold, and what is no work to read."""


def answer(value: Any, status: int = HTTPStatus.OK) -> web.Response:
    """Answer JSON; times are ISO-8601 UTC."""
    return web.Response(
        body=msgspec.json.encode(_stamped(value)), status=status, content_type="application/json"
    )


def page_limit(request: web.Request) -> int:
    """Read `limit`: how many rows a page has."""
    text = request.query.get("limit", "100")
    limit = whole_number(text)
    if limit is None or not 1 <= limit <= _LARGEST_PAGE:
        raise InputError(f"limit = {text!r}: must be a whole number from 1 to {_LARGEST_PAGE}")
    return limit


def after_id(request: web.Request) -> int:
    """Read `after` where rows are numbered: the id of the last row seen."""
    text = request.query.get("after", "0")
    number = whole_number(text)
    if number is None:
        raise InputError(f"after = {text!r}: must be the id of the last row seen")
    return number


def whole_number(text: str) -> int | None:
    """Read a number written in up to 18 ASCII digits; None where it is something else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def identifier_filter(request: web.Request, name: str) -> str:
    """Read an id that a listing is restricted to; empty where it is not.

    Raises
    ------
    InputError
        With the rule, when it is no identifier.
    """
    text = request.query.get(name, "")
    return checked_identifier(text, name) if text else ""


def unknown(what: str, name: str) -> Exception:
    """Return the error for an id of which there is no row: 404, or 422 where it can have none.

    Rows of older versions may have ids that are not taken any more: those are still found.
    """
    if is_identifier(name):
        return web.HTTPNotFound(text=f"no {what} {name!r}")
    return InputError(f"{what} {name!r}: must be {IDENTIFIER_RULE}")


def body_pace() -> Pace:
    """Return the pace that a client must keep up as it sends a body."""
    return Pace(_BODY_LIMIT_S, _BODY_LEAST_BYTES_S)


async def body_chunks(request: web.Request, pace: Pace) -> AsyncIterator[bytes]:
    """Yield the body of a request, unpacked, as it comes; a client that is too slow gets a 408."""
    content = request.content
    while True:
        try:
            chunk = await pace.wait(content.read(_CHUNK))
        except SlowError as error:
            raise web.HTTPRequestTimeout(text=f"the body comes too slowly: {error}") from error
        except (web.RequestPayloadError, HttpProcessingError) as error:
            raise web.HTTPBadRequest(text=f"the body cannot be read: {error}") from error
        if not chunk:
            return
        pace.note(len(chunk))
        yield chunk


async def read_body(request: web.Request, limit: int) -> bytes:
    """Read a small body."""
    body = bytearray()
    async for chunk in body_chunks(request, body_pace()):
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

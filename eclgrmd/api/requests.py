"""Parsing of queries and bodies, and the form of responses."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from eclgrmd.aio.pace import Pace, SlowError
from eclgrmd.errors import InputError
from eclgrmd.model.names import IDENTIFIER_RULE, is_identifier

from .access.client import client_of
from .bodies import BODIES

__all__ = [
    "BODY_READER",
    "BodyReader",
    "answer",
    "body_chunks",
    "body_pace",
    "next_page",
    "read_body",
    "unknown",
    "whole_number",
]

_CHUNK = 1 << 20
"""Most bytes of a body that are read at a time."""
_BODY_LIMIT_S = 20.0
"""Time that a client may take for a body, beside what its bytes need at the least rate."""
_BODY_LEAST_BYTES_S = 5_000.0
"""Least rate of a body, bytes per second: slower than any link of an institute."""
_MOST_DIGITS = 18
"""Digits of a row's number: 18 always fit into a BIGINT."""


class BodyReader:
    """Computes size and checksum of a body while it is read.

    Parameters
    ----------
    target
        What the checksum begins with: method and path of the request.
    """

    def __init__(self, target: str) -> None:
        self._digest = hashlib.sha256(target.encode())
        self.size = 0
        """Bytes that were read."""

    def note(self, chunk: bytes) -> None:
        """Add a chunk."""
        self._digest.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        """Checksum of target and body, 64 hexadecimal digits."""
        return self._digest.hexdigest()


BODY_READER = web.RequestKey("body reader", BodyReader)
"""Key under which a request has the reader that follows its body, if one does."""


def answer(value: Any, status: int = HTTPStatus.OK) -> web.Response:
    """Return a JSON response; times are written in ISO-8601 UTC."""
    plain = msgspec.to_builtins(value, builtin_types=(datetime,))
    return web.Response(
        body=msgspec.json.encode(_stamped(plain)), status=status, content_type="application/json"
    )


def next_page(request: web.Request, after: object) -> str:
    """Return the path of the page that follows, with the query of this one."""
    return str(request.rel_url.update_query(after=str(after)))


def whole_number(text: str) -> int | None:
    """Return a number written in up to 18 ASCII digits; None for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def unknown(what: str, name: str) -> Exception:
    """Return the error for an id without a row: 404, or 422 if it is no valid identifier.

    Call it only after the row was not found: older versions accepted ids that are invalid today.
    """
    if is_identifier(name):
        return web.HTTPNotFound(text=f"no {what} {name!r}")
    return InputError(f"{what} {name!r}: must be {IDENTIFIER_RULE}")


def body_pace() -> Pace:
    """Return the pace that a client must keep while it sends a body."""
    return Pace(_BODY_LIMIT_S, _BODY_LEAST_BYTES_S)


async def body_chunks(request: web.Request, pace: Pace) -> AsyncGenerator[bytes]:
    """Yield the decompressed body of a request in chunks; a client that is too slow gets a 408."""
    content, reader = request.content, request.get(BODY_READER)
    with request.app[BODIES].counted(client_of(request).key, pace):
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
            if reader is not None:
                reader.note(chunk)
            yield chunk


async def read_body(request: web.Request, limit: int) -> bytes:
    """Return a body of up to `limit` bytes; a larger one gets a 413."""
    body = bytearray()
    async with aclosing(body_chunks(request, body_pace())) as chunks:
        async for chunk in chunks:
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

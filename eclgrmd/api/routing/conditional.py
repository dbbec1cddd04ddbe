"""Entity tags and compression of responses to GET."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from http import HTTPStatus

from aiohttp import web

__all__ = ["tagging"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_COMPRESSED_FROM = 1000
"""Bytes of a body from which it is compressed: a shorter one fits into one packet anyway."""
_THREAD_FROM = 100_000
"""Bytes of a body from which its checksum is computed in a thread. (aiohttp compresses bodies from
4096 bytes on in a thread.)"""


def tagging(handler: Handler) -> Handler:
    """Wrap a handler: its response gets an entity tag, is compressed, or becomes a 304.

    The tag is a checksum of the body and a weak one, because compressed bodies have the same.
    """

    async def tagged(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        if not isinstance(response, web.Response) or response.status != HTTPStatus.OK:
            return response
        body = response.body
        if not isinstance(body, bytes):
            return response
        is_large = len(body) >= _THREAD_FROM
        tag = await asyncio.to_thread(_tag, body) if is_large else _tag(body)
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        response.headers["ETag"] = tag
        response.headers["Vary"] = "Accept-Encoding"
        accepted = request.headers.get("Accept-Encoding", "")
        if len(body) >= _COMPRESSED_FROM and web.ContentCoding.gzip.value in accepted:
            response.enable_compression(web.ContentCoding.gzip)
        return response

    return tagged


def _tag(body: bytes) -> str:
    return f'W/"{blake2b(body, digest_size=16).hexdigest()}"'

"""Entity tags and compression of responses to GET."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from http import HTTPStatus

from aiohttp import web

__all__ = ["compressed", "is_known", "tag_of", "tagging"]

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
        tag = await asyncio.to_thread(tag_of, body) if is_large else tag_of(body)
        if is_known(request, tag):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        response.headers["ETag"] = tag
        response.headers["Vary"] = "Accept-Encoding"
        return compressed(request, response, len(body))

    return tagged


def tag_of(content: bytes) -> str:
    """Return the entity tag of a content."""
    return f'W/"{blake2b(content, digest_size=16).hexdigest()}"'


def is_known(request: web.Request, tag: str) -> bool:
    """Return whether the client has the content of a tag already."""
    return tag in request.headers.get("If-None-Match", "")


def compressed(request: web.Request, response: web.Response, size: int) -> web.Response:
    """Have a response of so many bytes compressed if that is worth it and the client accepts it."""
    accepted = request.headers.get("Accept-Encoding", "")
    if size >= _COMPRESSED_FROM and web.ContentCoding.gzip.value in accepted:
        response.enable_compression(web.ContentCoding.gzip)
    return response

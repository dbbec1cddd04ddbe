"""Defence against web pages of others: names of this service, origins, and kinds of bodies.

A browser sends the requests of any page, with the cookies and from the address of its user. Three
things tell them: a strange name of this service (Host) after DNS rebinding, the address of the page
(Origin), and a body that a page may send without asking: a form or plain text.
"""

import os
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.settings.live import LiveSettings
from eclgrmd.settings.rest import RestSettings

__all__ = ["harden", "only_own_pages"]

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, and that other pages cannot read."""
_SIMPLE = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
"""Bodies that any page may send without asking."""
_FROM_OTHERS = frozenset({"cross-site", "same-site"})
"""Values of Sec-Fetch-Site for a page of another origin."""
_HERE = frozenset({"localhost", os.uname().nodename.casefold()})
"""Names of this machine, which no stranger can give to another one."""
_ANY = "*"
_KEPT = 256
"""Names that are kept with the answer whether they are addresses: reading one takes 10 us."""
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every response that does not set them itself."""
_SERVER = "eclgrmd"
"""Header Server: without a version, which would tell what is known to be wrong with it."""


def harden(response: web.StreamResponse) -> None:
    """Set the headers by which a browser does no more with a response than it should."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = _SERVER


def only_own_pages(settings: LiveSettings) -> Middleware:
    """Return the middleware that refuses what the pages of others have a browser send."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        rest = settings.now.rest
        _check_host(request.headers.get(hdrs.HOST, ""), rest)
        if request.method not in _READING:
            _check_origin(request, rest)
            if request.content_type in _SIMPLE and hdrs.CONTENT_TYPE in request.headers:
                raise web.HTTPUnsupportedMediaType(
                    text=f"Content-Type {request.content_type}: must be that of the body, such as "
                    "application/json (curl: --json, or --header 'Content-Type: ...')"
                )
        return await handler(request)

    return check


def _check_host(host: str, rest: RestSettings) -> None:
    """Raise 421 unless a request names us by an address, or by a name of ours."""
    name = _name(host)
    if not name or name in _HERE or name == _name(urlsplit(rest.public_url).netloc):
        return
    if _is_address(name) or name in {each.casefold() for each in (*rest.hosts, rest.host)}:
        return
    raise _MisdirectedError(
        text=f"Host {host!r}: is no name of this service: it must be that of rest.public_url, or "
        "one of rest.hosts"
    )


def _check_origin(request: web.Request, rest: RestSettings) -> None:
    """Raise 403 if a page of another origin has the request sent, unless the settings name it."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        if request.headers.get("Sec-Fetch-Site") in _FROM_OTHERS:
            raise web.HTTPForbidden(text="a page of another origin may not do this")
        return
    own = {request.headers.get(hdrs.HOST, ""), urlsplit(rest.public_url).netloc} - {""}
    if urlsplit(origin).netloc.casefold() in {each.casefold() for each in own}:
        return
    # A page with a token of its own forges nothing.
    if origin in rest.cors_origins or (
        _ANY in rest.cors_origins and hdrs.AUTHORIZATION in request.headers
    ):
        return
    raise web.HTTPForbidden(
        text=f"Origin {origin!r}: this page may not do this: rest.cors_origins must name its origin"
    )


class _MisdirectedError(web.HTTPClientError):
    status_code = HTTPStatus.MISDIRECTED_REQUEST


def _name(host: str) -> str:
    """Return the name or address in a Host header, without the port."""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[").casefold()
    return host.partition(":")[0].casefold().removesuffix(".")


@lru_cache(maxsize=_KEPT)
def _is_address(name: str) -> bool:
    """Return whether it is an address: rebinding needs a name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True

"""Cross-origin requests: pages of other servers may use REST if the settings name them."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.settings.live import LiveSettings

__all__ = ["mark_for_origins", "preflight"]

_ANY = "*"
_EXPOSED = (
    "Content-Disposition, Content-Range, ETag, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After"
)
"""Headers of responses that a page may read, beside the ones that it always may."""
_METHODS = "GET, HEAD, POST, DELETE"
_SENT = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Range"
"""Headers that a page may send."""
_KEPT_S = "600"
"""Time for which a browser may keep the answer to its question, seconds."""


def mark_for_origins(
    settings: LiveSettings,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return the signal handler that lets browsers accept responses from `rest.cors_origins`.

    It runs before the headers of any response are sent, so that streams and errors are marked, too.
    """

    async def mark(request: web.Request, response: web.StreamResponse) -> None:
        if settings.now.rest.cors_origins:
            response.headers.add("Vary", "Origin")
        if _is_allowed(settings, request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED

    return mark


def preflight(settings: LiveSettings) -> Middleware:
    """Return the middleware that tells a browser what a page of an allowed origin may send."""

    @web.middleware
    async def answer_browsers(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = "Access-Control-Request-Method" in request.headers
        if not asked or not _is_allowed(settings, request):
            return await handler(request)
        return web.Response(
            status=HTTPStatus.NO_CONTENT,
            headers={
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _SENT,
                "Access-Control-Max-Age": _KEPT_S,
            },
        )

    return answer_browsers


def _is_allowed(settings: LiveSettings, request: web.Request) -> bool:
    origins, origin = settings.now.rest.cors_origins, request.headers.get("Origin")
    return origin is not None and (_ANY in origins or origin in origins)

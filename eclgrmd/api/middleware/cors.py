"""Cross-origin requests: pages of other servers may use REST if the settings name them."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.settings.live import LiveSettings

__all__ = ["cross_origin"]

_ANY = "*"
_EXPOSED = "ETag, Location, Retry-After"
"""Headers of responses that a page may read, beside the ones that it always may."""
_METHODS = "GET, HEAD, POST, DELETE"
_SENT = "Content-Type, If-None-Match, Last-Event-ID, Range"
"""Headers that a page may send."""
_KEPT_S = "600"
"""Time for which a browser may keep the answer to its question, seconds."""


def cross_origin(settings: LiveSettings) -> Middleware:
    """Return the middleware that lets browsers accept responses from `rest.cors_origins`."""

    def allowed(request: web.Request) -> dict[str, str]:
        origins, origin = settings.now.rest.cors_origins, request.headers.get("Origin")
        if origin is None or not (_ANY in origins or origin in origins):
            return {}
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}

    @web.middleware
    async def answer_browsers(request: web.Request, handler: Handler) -> web.StreamResponse:
        found = allowed(request)
        if found and "Access-Control-Request-Method" in request.headers:
            return web.Response(
                status=HTTPStatus.NO_CONTENT,
                headers={
                    **found,
                    "Access-Control-Allow-Methods": _METHODS,
                    "Access-Control-Allow-Headers": _SENT,
                    "Access-Control-Max-Age": _KEPT_S,
                    "Vary": "Origin",
                },
            )
        response = await handler(request)
        if settings.now.rest.cors_origins:
            response.headers.add("Vary", "Origin")
        response.headers.update(found)
        return response

    return answer_browsers

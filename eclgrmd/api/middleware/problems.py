"""Conversion of errors into statuses and problem documents (RFC 9457)."""

from http import HTTPStatus
from typing import Literal

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from eclgrmd.errors import InputError, PermanentError, TransientError
from eclgrmd.files import DiskFullError
from eclgrmd.metrics import Metrics
from eclgrmd.model.rest.service import Problem

__all__ = ["PROBLEMS", "PROBLEM_PAGE", "TASKS_FULL", "Limit", "TooMuchError", "problem", "problems"]

Limit = Literal["requests", "uploads", "previews", "streams", "tasks"]
"""Names of the limits that a 429 is about."""
TASKS_FULL = "the most allowed tasks (tasks.max_open) are already open"
"""Detail of the 429 for a new task."""
PROBLEM_PAGE = "/api/problems"
"""Path of the page about the kinds of problems."""
PROBLEMS = {
    400: "The request cannot be read: its headers, its query or its body are broken. Correct it.",
    401: "The request has no token, or one that is not valid. An operator makes tokens with "
    "`eclgrmd token create`; send yours as `Authorization: Bearer TOKEN`.",
    403: "The role of the token does not cover this request, or a page of another origin had it "
    "sent. The detail says which.",
    404: "There is no such path, or nothing of that name. A list says what there is.",
    405: "The path does not allow the method. The header Allow names the methods that it allows.",
    408: "The body came too slowly. Send it again over a faster connection.",
    409: "The request contradicts the present state, for example an id that is used for something "
    "else. Read the detail; sending the same again does not help, unless Retry-After says when: "
    "then a request with the same Idempotency-Key is in flight.",
    410: "The file was removed by the clean-up. The result of a new task can replace it.",
    413: "The body is larger than this service accepts. The settings in [rest] have the limits.",
    415: "The body has a type that this path does not take. Send the type that fits, for example "
    "`Content-Type: application/json`.",
    417: "The header Expect asks for something other than 100-continue. Leave it out.",
    421: "The service has no such name. Use the address in its links, or have the operator add the "
    "name to rest.hosts.",
    422: "A value of the path, the query or the body is wrong. The detail says where, and what "
    "would be right.",
    429: "As much as is allowed is in progress, or this client sent more requests than it may (see "
    "the headers RateLimit and RateLimit-Policy). Try again after the time in Retry-After.",
    500: "A fault of the service; its log has the details. Please report it.",
    503: "The service is stopping, or a server that it needs is away. Try again after the time in "
    "Retry-After; /health/ready says what is wrong.",
    507: "The disk of the service is full. Try again after the time in Retry-After.",
}
"""What each kind of problem means, and what to do, by status."""
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
"""Headers of an error that its problem document keeps."""


class TooMuchError(TransientError):
    """A limit on requests or on concurrent work is reached.

    Parameters
    ----------
    message
        Which limit, one sentence.
    limit
        Name of the limit for the metrics.
    delay_s
        Time to wait before the first retry, seconds.
    """

    def __init__(self, message: str, *, limit: Limit, delay_s: float = 1.0) -> None:
        super().__init__(message, delay_s=delay_s)
        self.limit = limit
        """Name of the limit for the metrics."""


def problem(status: int, detail: str, **headers: str) -> web.Response:
    """Return a problem document as response."""
    document = Problem(
        type=f"{PROBLEM_PAGE}#{status}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
    )
    return web.Response(
        status=status,
        body=msgspec.json.encode(document),
        content_type="application/problem+json",
        headers=headers,
    )


def problems(metrics: Metrics) -> Middleware:
    """Return the middleware that turns every error of a handler into a problem document."""

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:
            if isinstance(error, TooMuchError):
                metrics.limited.labels(error.limit).inc()
            return _explained(request, error)

    return explain


def _explained(request: web.Request, error: Exception) -> web.Response:
    """Return the document about an error; one that is no error of a response is raised again."""
    match error:
        case web.HTTPException() if error.status >= HTTPStatus.BAD_REQUEST:
            kept = {name: error.headers[name] for name in _KEPT if name in error.headers}
            return problem(error.status, error.text or error.reason, **kept)
        case web.HTTPException() | ConnectionError():
            raise error
        case InputError():
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        case PermanentError():
            return problem(HTTPStatus.CONFLICT, str(error))
        case TransientError():
            retry = str(max(1, round(error.delay_s)))
            return problem(_status(error), str(error), **{"Retry-After": retry})
        case _:
            return _fault(request, error)


def _fault(request: web.Request, error: Exception) -> web.Response:
    structlog.get_logger("api").error("request failed", path=request.path, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected error: the daemon's log has the details"
    )


def _status(error: TransientError) -> HTTPStatus:
    match error:
        case DiskFullError():
            return HTTPStatus.INSUFFICIENT_STORAGE
        case TooMuchError():
            return HTTPStatus.TOO_MANY_REQUESTS
        case _:
            return HTTPStatus.SERVICE_UNAVAILABLE

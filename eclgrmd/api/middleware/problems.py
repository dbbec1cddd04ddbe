"""Conversion of errors into statuses and problem documents (RFC 9457)."""

import json
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from eclgrmd.errors import InputError, PermanentError, TransientError
from eclgrmd.files import DiskFullError

__all__ = ["TASKS_FULL", "TooMuchError", "problem", "problems"]

TASKS_FULL = "the most allowed tasks (tasks.max_open) are already open"
"""Detail of the 429 for a new task."""


class TooMuchError(TransientError):
    """A limit on concurrent work is reached."""


def problem(status: int, detail: str, **headers: str) -> web.Response:
    """Return a problem document as response."""
    document = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(
        status=status,
        text=json.dumps(document),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error of a handler into a problem document."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        kept = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return problem(error.status, error.text or error.reason, **kept)
    except InputError as error:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except PermanentError as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    except TransientError as error:
        retry = str(max(1, round(error.delay_s)))
        return problem(_status(error), str(error), **{"Retry-After": retry})
    except ConnectionError:
        raise
    except Exception:
        structlog.get_logger("api").exception("request failed", path=request.path)
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

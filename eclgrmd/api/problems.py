"""One place turns errors into statuses and RFC 9457 problem documents."""

import json
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from eclgrmd.errors import InputError, PermanentError, TransientError
from eclgrmd.files import DiskFullError

__all__ = ["TooMuchError", "problem", "problems"]


class TooMuchError(TransientError):
    """More is asked for than we take at a time."""


def problem(status: int, detail: str, **headers: str) -> web.Response:
    """Make a problem document."""
    document = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(
        status=status,
        text=json.dumps(document),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error in one form."""
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
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the daemon's log says more")


def _status(error: TransientError) -> HTTPStatus:
    match error:
        case DiskFullError():
            return HTTPStatus.INSUFFICIENT_STORAGE
        case TooMuchError():
            return HTTPStatus.TOO_MANY_REQUESTS
        case _:
            return HTTPStatus.SERVICE_UNAVAILABLE

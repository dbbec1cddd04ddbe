"""Errors of the client, made from the problem documents (RFC 9457) of the daemon."""

from http import HTTPStatus

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError, TransientError

__all__ = ["BusyError", "RefusedError", "UnavailableError", "UnreachableError", "error_of"]


_AGAIN = frozenset(
    {HTTPStatus.ACCEPTED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)
"""Statuses that ask to repeat the request later."""


class RefusedError(InputError):
    """The daemon refused a request (status 4xx): the text is its reason."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status
        """HTTP status."""


class UnavailableError(TransientError):
    """The daemon cannot handle the request now (status 5xx), or its answer broke off."""


class BusyError(UnavailableError):
    """The daemon asks to repeat the request later, for example by status 429 or 503."""


class UnreachableError(UnavailableError):
    """No daemon responds."""


class _Problem(Struct, frozen=True):
    detail: str = ""
    title: str = ""


def error_of(status: int, body: bytes, retry_after: str) -> RefusedError | UnavailableError:
    """Return the error for a response.

    Parameters
    ----------
    status
        HTTP status: 400 or more, or 202.
    body
        Body of the response: a problem document, or what a proxy makes.
    retry_after
        Header `Retry-After`; empty: there is none.
    """
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem()
    reason = problem.detail or problem.title or f"status {status} without a reason"
    sentence = f"the daemon cannot handle the request now: {reason}"
    in_flight = status == HTTPStatus.CONFLICT and bool(retry_after)
    if status in _AGAIN or in_flight:
        delay_s = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 1.0
        return BusyError(sentence, delay_s=delay_s)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnavailableError(sentence)
    return RefusedError(reason, status)

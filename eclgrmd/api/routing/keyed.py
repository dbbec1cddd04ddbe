"""Requests with an `Idempotency-Key`: a repetition gets the answer of the first one.

Only answers without an error are kept: after an error the key can be used again. The operations
themselves are idempotent, too (a task or a file that is there already is found, not made again);
therefore a request whose daemon died before its answer was kept may be handled once more.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web

from eclgrmd.api.access.client import client_of
from eclgrmd.api.middleware.problems import problem
from eclgrmd.api.requests import BODY_READER, BodyReader, body_chunks, body_pace
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.errors import InputError, TransientError
from eclgrmd.store.access.kept_answers import KeptAnswer, claim_key, keep_answer, release_key

__all__ = ["KEY_HEADER", "KEY_RULE", "REPLAYED_HEADER", "keyed"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KEY_HEADER = "Idempotency-Key"
"""Header by which a client marks a request that it may repeat."""
REPLAYED_HEADER = "Idempotency-Replayed"
"""Header of an answer that was kept from an earlier request."""
KEY_RULE = r"^[!-~]{1,200}$"
"""Pattern of a key."""
_LEASE_S = 60
"""Age from which a request in flight is taken for lost; only a large upload may take longer, which
would then be received twice and kept once."""
_RETRY_S = "2"
"""Time after which to repeat a request whose first one is in flight, seconds."""
_KEPT_HEADERS = ("Content-Type", "Location")
"""Headers that are kept with an answer."""


def keyed(handler: Handler) -> Handler:
    """Wrap a handler: it handles requests with the same key once."""

    async def handled(request: web.Request) -> web.StreamResponse:
        text = request.headers.get(KEY_HEADER)
        if text is None:
            return await handler(request)
        if not re.fullmatch(KEY_RULE, text):
            raise InputError(f"{KEY_HEADER}: must be 1 to 200 visible ASCII characters")
        services = request.app[SERVICES]
        key = hashlib.sha256(f"{client_of(request).token_id}\n{text}".encode()).hexdigest()
        claim = uuid4().hex
        async with services.database.transaction() as transaction:
            earlier = await claim_key(
                transaction, key, claim=claim, owner=services.owner, lease_s=_LEASE_S
            )
        if earlier is not None:
            return await _repeated(request, earlier)
        return await _first(request, handler, key, claim)

    return handled


async def _first(
    request: web.Request, handler: Handler, key: str, claim: str
) -> web.StreamResponse:
    """Handle a request, and keep its answer unless it is an error."""
    services = request.app[SERVICES]
    reader = request[BODY_READER] = BodyReader(_target(request))
    try:
        response = await handler(request)
    except Exception:
        await _release(services, key, claim)
        raise
    if not isinstance(response, web.Response) or response.status >= HTTPStatus.BAD_REQUEST:
        await _release(services, key, claim)
        return response
    kept = KeptAnswer(
        request_size=reader.size,
        request_sha256=reader.sha256,
        status=response.status,
        headers={
            name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
        },
        body=response.text or "",
    )
    async with services.database.transaction() as transaction:
        keep_answer(transaction, key, claim, kept)
    return response


async def _release(services: Services, key: str, claim: str) -> None:
    # Without the database the claim ends with its lease.
    with suppress(TransientError):
        async with services.database.transaction() as transaction:
            release_key(transaction, key, claim)


async def _repeated(request: web.Request, earlier: KeptAnswer) -> web.Response:
    """Answer a repetition: 409 while the first request is in flight, 422 if it is another one."""
    if earlier.status is None:
        headers = {"Retry-After": _RETRY_S}
        return problem(
            HTTPStatus.CONFLICT, f"a request with this {KEY_HEADER} is in flight", **headers
        )
    reader = BodyReader(_target(request))
    request[BODY_READER] = reader
    if earlier.request_size:
        async for _ in body_chunks(request, body_pace()):
            if reader.size > earlier.request_size:
                break
    if reader.sha256 != earlier.request_sha256:
        raise InputError(
            f"{KEY_HEADER}: was used for another request: must be new for each request, and the "
            "same only for its repetitions"
        )
    headers = {**earlier.headers, REPLAYED_HEADER: "true"}
    return web.Response(status=earlier.status, headers=headers, body=earlier.body.encode())


def _target(request: web.Request) -> str:
    return f"{request.method} {request.rel_url.raw_path_qs}\n"

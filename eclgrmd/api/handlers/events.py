"""`/events`: live events by server-sent events (WHATWG HTML, section 9.2)."""

from collections.abc import AsyncGenerator

import msgspec
from aiohttp import web

from eclgrmd.announce.feed import Event, Selection, Subscription
from eclgrmd.api.access.client import client_of
from eclgrmd.api.requests import whole_number
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.errors import InputError, TransientError
from eclgrmd.model.access import Role
from eclgrmd.model.rest.queries import EventQuery

__all__ = ["routes"]

routes = Routes(__name__)

_HEARTBEAT_S = 15.0
"""Pause after which something is sent, so that neither side takes the connection for dead."""
_RETRY_MS = 2000
"""Time after which a client connects again, milliseconds."""
_MEDIA_TYPE = "text/event-stream"
_HEADERS = {
    "Content-Type": _MEDIA_TYPE,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would collect events before it sends them on
}


@routes.at("GET /events", {200: _MEDIA_TYPE}, needs=Role.READER, query=EventQuery)
async def stream(request: web.Request, query: EventQuery) -> web.StreamResponse:
    """Stream the messages of version 1 as server-sent events while they are announced.

    A client that comes again with the header `Last-Event-ID` first gets what it missed.
    """
    feed, after = request.app[SERVICES].feed, _last_id(request, query)
    selection = Selection(query.kind, query.burst_id or "", query.task_id or "")
    response = web.StreamResponse(headers=_HEADERS)
    if request.method == "HEAD":
        return response
    with request.app[SERVICES].streams.counted(client_of(request).key):
        async with feed.subscribed(selection) as subscription:
            oldest = await feed.oldest()
            await response.prepare(request)
            await response.write(f"retry: {_RETRY_MS}\n\n".encode())
            if after is not None and after + 1 < oldest:
                await response.write(_forgotten(oldest))
            try:
                async for block in _blocks(subscription, after):
                    await response.write(block)
            except (TransientError, ConnectionError):
                response.force_close()
            return response


async def _blocks(subscription: Subscription, after: int | None) -> AsyncGenerator[bytes]:
    """Yield what a client missed, then each event as it comes, and heartbeats between them."""
    if after is not None:
        async for event in subscription.missed(after):
            yield _block(event, subscription.mark)
    while True:
        next_event = await subscription.next(_HEARTBEAT_S)
        if next_event is None:
            # An id without data only moves the client's mark.
            yield f"id: {subscription.mark}\n: nothing new\n\n".encode()
        else:
            yield _block(next_event, subscription.mark)


def _block(event: Event, mark: int) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (mark, event.kind.encode(), event.payload)


def _forgotten(oldest: int) -> bytes:
    """Say that events after the client's mark may have been removed, so that it lists anew."""
    said = msgspec.json.encode({"oldest": oldest})
    return b"event: forgotten\ndata: %s\n\n" % said


def _last_id(request: web.Request, query: EventQuery) -> int | None:
    """Return the mark of a client that comes again; None for a new client."""
    text = request.headers.get("Last-Event-ID", "")
    if not text:
        return query.after if isinstance(query.after, int) else None
    number = whole_number(text)
    if number is None:
        raise InputError(f"Last-Event-ID {text!r}: must be the id of an event")
    return number

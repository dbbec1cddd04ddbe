"""Calls about live events."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
import msgspec

from eclgrmd.errors import PermanentError
from eclgrmd.model.messages.version1 import MessageV1
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import EventKind

from .calls import Calls
from .errors import UnavailableError

__all__ = ["EventCalls", "LiveEvent"]

_REMEMBERED = 5000
"""Messages that are recognised when they come again after an interruption."""
_LONGEST_LINE = 1 << 24
"""Most bytes of a message: more than any that NATS delivers."""
_PAUSE_S = 1.0
"""Pause before the connection is made again."""


class LiveEvent(NamedTuple):
    """An event of the service."""

    mark: str
    """Where to go on after an interruption; empty: at the next event."""
    kind: str
    """Kind of the event, an `EventKind`, or `forgotten`: the daemon no longer has some of the
    events after `mark`, so list what you need anew."""
    message: MessageV1 | None
    """The message; None for `forgotten`."""


class EventCalls(Calls):
    """Calls about live events."""

    async def events(
        self,
        *,
        kinds: Iterable[EventKind] = (),
        burst_id: str = "",
        task_id: str = "",
        mark: str = "",
    ) -> AsyncIterator[LiveEvent]:
        """Yield each event once, as it is announced, also across interruptions; never end.

        Parameters
        ----------
        kinds
            Only these kinds; empty: all.
        burst_id, task_id
            Only events about this burst or task.
        mark
            `LiveEvent.mark` of the last event of an earlier call, to get what came since then.

        Raises
        ------
        RefusedError
            If the daemon refuses the query.
        UnavailableError
            If the daemon cannot be reached for longer than `reconnect_s` of the client, before
            the first connection. Once there was one, it is waited for without end.
        PermanentError
            If an event cannot be read: this client is for another version of the daemon.
        """
        query: list[tuple[str, str]] = [("kind", kind) for kind in kinds]
        query += [(key, v) for key, v in (("burst_id", burst_id), ("task_id", task_id)) if v]
        path = f"{API}/events" + (f"?{urlencode(query)}" if query else "")
        seen: deque[str] = deque(maxlen=_REMEMBERED)

        async def options() -> dict[str, Any]:
            return {"headers": {"Last-Event-ID": mark} if mark else {}}

        followed = False
        while True:
            try:
                async with self.connection.response("GET", path, options) as response:
                    followed = True
                    async for event in _read(response):
                        mark = event.mark or mark
                        identity = event.message.id if event.message else ""
                        if event.kind and identity not in seen:
                            yield event
                        if identity:
                            seen.append(identity)
            except UnavailableError:
                if not followed:
                    raise
            await asyncio.sleep(_PAUSE_S)


async def _read(response: aiohttp.ClientResponse) -> AsyncIterator[LiveEvent]:
    """Yield the blocks of a stream; one that only moves the mark has no kind."""
    fields: dict[str, str] = {}
    while line := await response.content.readline(max_line_length=_LONGEST_LINE):
        text = line.decode().rstrip("\r\n")
        if text:
            name, _, value = text.partition(": ")
            fields[name] = value
            continue
        yield LiveEvent(fields.get("id", ""), fields.get("event", ""), _message(fields))
        fields = {}


def _message(fields: dict[str, str]) -> MessageV1 | None:
    if "data" not in fields or fields.get("event") == "forgotten":
        return None
    try:
        message: MessageV1 = msgspec.json.decode(fields["data"], type=MessageV1)
    except msgspec.MsgspecError as error:
        raise PermanentError(f"unexpected event: {error}") from error
    return message

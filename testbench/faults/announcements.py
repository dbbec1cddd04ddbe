"""Everything that was announced, as a consumer sees it: in order, each message id once."""

from typing import Any

import msgspec
import nats
from msgspec import Struct

__all__ = ["Wire", "read_wire"]

_SUBJECT = "activity.eclgrm"


class Wire(Struct):
    """Activities in the order of their first appearance."""

    activities: list[dict[str, Any]]
    messages: int
    """Stored messages, with repeated ones."""
    repeated: int
    """Messages whose id was there before: for the consumer to leave out."""


async def read_wire(url: str) -> Wire:
    """Read the whole stream."""
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        name = await stream.find_stream_name_by_subject(_SUBJECT)
        count = (await stream.stream_info(name)).state.messages
        subscription = await stream.subscribe(_SUBJECT, ordered_consumer=True)
        wire, seen = Wire([], count, 0), set()
        for _ in range(count):
            message = await subscription.next_msg(timeout=30)
            message_id = (message.headers or {})["Nats-Msg-Id"]
            if message_id in seen:
                wire.repeated += 1
                continue
            seen.add(message_id)
            activity = msgspec.json.decode(message.data)["activity"]
            if activity is not None:
                wire.activities.append(activity)
    finally:
        await client.close()
    return wire

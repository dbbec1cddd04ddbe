"""All announcements as a consumer sees them: in order, each message id once."""

from typing import Any

import msgspec
import nats
from msgspec import Struct

__all__ = ["Announcements", "read_announcements"]

_SUBJECT = "activity.eclgrm"


class Announcements(Struct):
    """Activities in the order of their first appearance."""

    activities: list[dict[str, Any]]
    """`activity` of each distinct message, in order of first appearance."""
    messages: int
    """Number of stored messages, repeated ones included."""
    repeated: int
    """Number of messages with an id that was there before. A consumer skips these."""


async def read_announcements(url: str) -> Announcements:
    """Read the whole stream."""
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        name = await stream.find_stream_name_by_subject(_SUBJECT)
        count = (await stream.stream_info(name)).state.messages
        subscription = await stream.subscribe(_SUBJECT, ordered_consumer=True)
        found, seen = Announcements([], count, 0), set()
        for _ in range(count):
            message = await subscription.next_msg(timeout=30)
            message_id = (message.headers or {})["Nats-Msg-Id"]
            if message_id in seen:
                found.repeated += 1
                continue
            seen.add(message_id)
            activity = msgspec.json.decode(message.data)["activity"]
            if activity is not None:
                found.activities.append(activity)
    finally:
        await client.close()
    return found

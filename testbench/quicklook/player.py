"""Sends packets over NATS in real time or faster, and collects announcements."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import nats
from nats.aio.msg import Msg

from .disturbance import Shot

__all__ = ["Announced", "Played", "play"]

SUBJECT = "data.vhf"
ACTIVITY = "activity.eclgrm"


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement about a burst."""

    at: float
    """Time of receipt, Unix time."""
    activity: dict[str, Any]
    """The `activity` of the message."""


@dataclass(slots=True)
class Played:
    """Packets sent and announcements received."""

    sent: dict[tuple[str, float], float] = field(default_factory=dict)
    """Unix time at which each packet was first sent, by burst and time on board."""
    announced: list[Announced] = field(default_factory=list)
    """Announcements received, in order."""


async def play(
    nats_url: str,
    shots: Sequence[Shot],
    *,
    speed: float = 1.0,
    linger_s: float = 2.0,
    progress: bool = False,
) -> Played:
    """Send all packets at their times (divided by `speed`; 0: at once); collect announcements."""
    played = Played()
    client = await nats.connect(nats_url)
    try:

        async def receive(message: Msg) -> None:
            activity = json.loads(message.data)["activity"] or {}
            if str(activity.get("type", "")).startswith("vhf"):
                played.announced.append(Announced(time.time(), activity))

        await client.subscribe(ACTIVITY, cb=receive)
        await client.flush()
        stream = client.jetstream()
        began, first_s = time.monotonic(), shots[0].at_s if shots else 0.0
        for number, shot in enumerate(sorted(shots, key=lambda each: each.at_s)):
            due = began + ((shot.at_s - first_s) / speed if speed else 0.0)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            played.sent.setdefault((shot.burst_id, shot.made_met_s), time.time())
            await stream.publish(SUBJECT, shot.payload)
            if progress and number % 100 == 0:
                print(f"  sent {number} of {len(shots)} packets", flush=True)
        await asyncio.sleep(linger_s)
    finally:
        await client.close()
    return played

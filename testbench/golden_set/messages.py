"""The messages of the scenario: malformed ones, lost ones, and all that are announced."""

import asyncio
import json
from typing import Any

import msgspec
from nats.aio.client import Client

from eclgrmd.model.messages.facts import Origin, TaskFact
from eclgrmd.model.task import TaskState, TaskType

from .site import Site
from .tasks import ODD

__all__ = ["read_all_messages", "send_bad_messages", "wait_until_quiet", "write_lost_announcements"]

_TOO_LARGE = 8_500_000
"""Length of a text that is too large for a NATS message, characters."""


async def send_bad_messages(site: Site) -> None:
    """Send malformed messages, each after the response to the previous one."""
    unknown_task = b'{"type": "rerun", "task": "no-such-task"}'
    for number, (subject, payload) in enumerate(
        (("data.bandx", b"{nonsense"), ("data.bandx", unknown_task), ("data.vhf", b"<voe>")),
        start=1,
    ):
        await site.nats.jetstream().publish(subject, payload)

        async def answered(number: int = number) -> bool:
            rows = await site.ask("SELECT COUNT(*) AS n FROM fault")
            return bool(rows[0]["n"] >= number)

        await site.until(f"{payload!r} is answered", answered)


async def write_lost_announcements(site: Site) -> None:
    """Write to the outbox what nobody can read, and what is too large for NATS."""
    large = TaskFact(
        task_id="golden-large",
        burst_id=ODD,
        analysis=TaskType.TEMPORAL,
        origin=Origin(kind="sent", series="", proc_ver=1, incomplete=""),
        state=TaskState.FAILED,
        reason="x" * _TOO_LARGE,
        at="2026-01-01T00:00:00Z",
        number=1,
        link="/task/golden-large",
    )
    for name, activity in (
        ("golden-unreadable", b'{"type": "from another version"}'),
        ("golden-large", msgspec.json.encode(large)),
    ):
        await asyncio.to_thread(
            site.database.execute,
            "INSERT INTO outbox (message_id, chain, activity, note, created_at) "
            "VALUES (%s, %s, %s, 'made by the golden set', UTC_TIMESTAMP(6))",
            name,
            name,
            activity.decode(),
        )


async def wait_until_quiet(site: Site) -> None:
    """Wait until the outbox is empty."""

    async def announced() -> bool:
        return not await site.ask("SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")

    await site.until("everything is announced", announced)


async def read_all_messages(client: Client) -> list[tuple[str, Any]]:
    """Read all messages of both subject trees from their streams."""
    stream = client.jetstream()
    found = []
    for subject in ("activity.eclgrm", "eclgrm.v1.>"):
        name = await stream.find_stream_name_by_subject(subject)
        last = (await stream.stream_info(name)).state.last_seq
        subscription = await stream.subscribe(subject, ordered_consumer=True)
        while True:
            message = await subscription.next_msg(timeout=30.0)
            found.append((message.subject, json.loads(message.data)))
            if message.metadata.num_pending == 0 or message.metadata.sequence.stream >= last:
                break
        await subscription.unsubscribe()
    return found

"""FSC-1588: a malformed message is rejected with the reason and stops nothing."""

from eclgrmd.model.messages.founding import ErrorActivity
from testbench.acceptance.report.table import require
from testbench.tts.clients import NatsClient, RestClient
from testbench.tts.watch import ActivityWatch

__all__ = ["malformed_answered"]

_MALFORMED = (
    b"this is no JSON",
    b'{"type": "task", "id": 7, "burst_id": "sb1", "inputs": []}',
    b'{"type": "telegram", "id": "x", "burst_id": "sb1"}',
)
_LIMIT_S = 30.0
"""Longest wait for the announced reasons, seconds."""


async def malformed_answered(nats: NatsClient, rest: RestClient, watch: ActivityWatch) -> str:
    """Send malformed messages by NATS and REST; each must be rejected with its own reason."""
    before = watch.last_sequence
    for payload in _MALFORMED:
        await nats.send_raw(payload)
    reasons = await watch.wait_for(lambda: _reasons(watch, before), limit_s=_LIMIT_S)
    require(all(reasons), f"an error message has no reason: {reasons}")
    answer = await rest.post("/api/v1/task", _MALFORMED[1])
    require(
        400 <= answer.status < 500 and answer.media_type == "application/problem+json",
        f"POST /api/v1/task of a malformed task: answer {answer.status}, {answer.media_type}",
    )
    ready = await rest.get("/health/ready")
    require(ready.status == 200, f"after malformed messages /health/ready says {ready.body}")
    return f"{len(reasons)} rejected, for example: {reasons[1]}"


def _reasons(watch: ActivityWatch, after: int) -> list[str] | None:
    """Return the reasons announced since a stream number; None until there is one per message."""
    found = [
        m.message.activity.reason
        for m in watch.messages
        if m.sequence > after and isinstance(m.message.activity, ErrorActivity)
    ]
    return found if len(found) >= len(_MALFORMED) else None

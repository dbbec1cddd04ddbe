"""What pages that are left open use of memory while a burst changes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

__all__ = ["Memory", "live_memory"]

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a page uses after its garbage was collected."""

    heap_mb: float
    """Used heap of JavaScript, MB."""
    nodes: int
    """Nodes of documents, also those that only a script still knows."""
    listeners: int
    """Event listeners."""


def live_memory(
    pages: list[Page], url: str, burst_id: str, *, minutes: int, updates: int
) -> Iterator[list[Memory]]:
    """Change a burst; yield what each page uses, at first and after each minute.

    Parameters
    ----------
    pages
        Pages that show the burst, and stay open.
    url
        Address of the daemon.
    burst_id
        The burst.
    minutes
        How long.
    updates
        Changes of the burst in each minute.
    """
    sessions = [page.context.new_cdp_session(page) for page in pages]
    yield [_used(each) for each in sessions]
    where = f"{url}/api/v1/bursts/{burst_id}/claim"
    began_s = time.monotonic()
    for minute in range(minutes):
        for number in range(updates):
            answer = pages[0].request.post(where, data={"note": f"update {minute}.{number}"})
            if not answer.ok:
                raise RuntimeError(f"the burst was not changed: {answer.text()}")
            due_s = began_s + _MINUTE_S * (minute + (number + 1) / updates)
            pages[0].wait_for_timeout(1000 * max(0.0, due_s - time.monotonic()))
        yield [_used(each) for each in sessions]


def _used(session: CDPSession) -> Memory:
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")
    counters = session.send("Memory.getDOMCounters")
    return Memory(
        heap_mb=heap["usedSize"] / 1e6,
        nodes=counters["nodes"],
        listeners=counters["jsEventListeners"],
    )

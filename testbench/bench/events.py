"""`testbench/bench/events`: what connected clients of the live events cost, and whom they delay.

The same tasks are submitted while one client follows the events, and while many do. Printed for
both: the time from the submission to the event at each client, the time of the submissions, and the
memory of the daemon.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp

from eclgrmd.aio.polling import Hint
from eclgrmd.errors import TransientError
from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess

__all__ = ["main"]

_LIMIT_S = 120.0
"""Longest wait for an event, seconds."""
_CHUNK = 1 << 16
"""Bytes that a client reads at a time."""


class Measured(NamedTuple):
    """What was measured with a number of clients."""

    clients: int
    """Number of clients."""
    resident_bytes: int
    """Resident memory of the daemon."""
    delays_s: list[float]
    """Time from before a submission to its event, one for each client and task, seconds."""
    requests_s: list[float]
    """Times of the submissions, seconds."""


class Client:
    """Follows the events on a connection of its own, and notes when each task appeared."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.news = Hint()

    async def saw(self, name: str) -> float:
        """Wait until a task appeared, and return when that was."""
        while name not in self.seen:
            await self.news.wait(self.news.count, _LIMIT_S)
        return self.seen[name]

    async def follow(self, url: str) -> None:
        """Follow until cancelled."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        request = f"GET /api/v1/events?kind=task HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
        writer.write(request.encode())
        rest = b""
        try:
            while chunk := await reader.read(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                now = time.perf_counter()
                for line in lines:
                    if line.startswith(b"data: "):
                        self.seen.setdefault(json.loads(line[6:])["task_id"], now)
                        self.news.give()
            raise TransientError(f"the stream ended, after {rest!r}")
        finally:
            writer.close()


@asynccontextmanager
async def _following(url: str, number: int) -> AsyncIterator[list[Client]]:
    clients = [Client() for _ in range(number)]
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(each.follow(url), name="client") for each in clients]
        yield clients
        for task in running:
            task.cancel()


def _resident_bytes(daemon: DaemonProcess) -> int:
    text = Path(f"/proc/{daemon.pid}/smaps_rollup").read_text()
    return 1024 * int(text.split("Rss:")[1].split()[0])


async def _measure(daemon: DaemonProcess, turn: int, number: int, tasks: int) -> Measured:
    url, delays, requests = daemon.running_endpoints().rest, [], []
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(url))
        clients = await stack.enter_async_context(_following(url, number))

        async def submit(name: str) -> float:
            task = {"id": name, "burst_id": "events", "inputs": [{"name": "never.fits"}]}
            began = time.perf_counter()
            async with http.post("/api/v1/task", json=task) as answer:
                answer.raise_for_status()
            requests.append(time.perf_counter() - began)
            return began

        for trial in range(1000):  # until all are connected
            await submit(f"first-{turn}-{trial}")
            await asyncio.sleep(0.5)
            if all(each.seen for each in clients):
                break
        requests.clear()
        for task in range(tasks):
            name = f"task-{turn}-{task}"
            began = await submit(name)
            async with asyncio.timeout(_LIMIT_S):
                delays += [await each.saw(name) - began for each in clients]
        return Measured(number, _resident_bytes(daemon), delays, requests)


async def _run(clients: int, tasks: int) -> list[Measured]:
    with tempfile.TemporaryDirectory(prefix="eclgrmd-events-") as folder:
        settings = {"ECLGRMD_TASKS_MAX_OPEN": "1000000"}
        daemon = DaemonProcess(Path(folder), settings=settings)
        try:
            await daemon.start()
            return [
                await _measure(daemon, turn, number, tasks)
                for turn, number in enumerate((1, clients, 1))
            ]
        finally:
            await daemon.stop()


def _line(each: Measured, before: Measured) -> str:
    delays, requests = sorted(each.delays_s), sorted(each.requests_s)
    more = (each.resident_bytes - before.resident_bytes) / 1e6
    return (
        f"{each.clients:5d} clients: event after {1e3 * statistics.median(delays):.0f} ms in the "
        f"median, {1e3 * delays[int(0.99 * (len(delays) - 1))]:.0f} ms at 99 %; a request "
        f"{1e3 * statistics.median(requests):.1f} ms, "
        f"{1e3 * requests[int(0.99 * (len(requests) - 1))]:.1f} ms; "
        f"memory {each.resident_bytes / 1e6:.0f} MB ({more:+.0f} MB)"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    parser = command_parser("bench/events", __doc__)
    parser.add_argument("--clients", type=int, default=500, help="clients (default: 500)")
    parser.add_argument("--tasks", type=int, default=50, help="tasks per round (default: 50)")
    given = parser.parse_args(arguments)
    rounds = asyncio.run(_run(given.clients, given.tasks))
    sys.stdout.writelines(f"{_line(each, rounds[0])}\n" for each in rounds)
    return 0

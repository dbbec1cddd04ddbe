"""`testbench/load`: many small tasks and data notifications through one daemon.

Prints the throughput, how long messages wait for their acknowledgement, how long tasks run, the
daemon's memory over the run, and how many tasks started after later ones. (A task that waits for
its data lets others pass.) Exit status 0 if all tasks are done and memory stays flat.

The tasks do next to nothing (`smallest_analysis`); with `--analysis` they really analyse a light
curve of 100 bins. `--rate` limits how fast messages are sent: one hour of one task a second is
`--tasks 3600 --rate 30` in two minutes.
"""

import asyncio
import bisect
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from eclgrmd.bus import Address, Bus
from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess
from testbench.faults.file_server import FileServer, running_file_server
from testbench.faults.tally import Tally
from testbench.tiny import tiny_light_curve, tiny_task

__all__ = ["main"]

_BURSTS = 50
"""Bursts among which the tasks are divided."""
_LOOK_S = 5.0
"""Time between two looks at memory and tasks, seconds."""
_FINAL = ("done", "failed", "cancelled")
_GROWTH_BYTES = 50_000_000
"""Growth of memory after the first quarter of a run that counts as a leak, bytes."""


class Seen(Struct):
    """Samples taken during the run."""

    acknowledged_s: list[float] = []
    """Time from sending a message to its acknowledgement, seconds."""
    memory_bytes: list[int] = []
    """Resident memory of the daemon, every few seconds, bytes."""


class Load(Struct, frozen=True, kw_only=True):
    """Load on the daemon."""

    tasks: int
    """Number of tasks."""
    notifications: int
    """Number of data notifications."""
    workers: int
    """Number of the daemon's worker processes."""
    rate: float
    """Messages per second; 0: as fast as they are acknowledged."""
    analysis: bool
    """Whether tasks are real analyses instead of the smallest ones."""


async def run(folder: Path, load: Load) -> bool:
    """Send everything, wait until it is done, print; return whether all is well."""
    daemon = DaemonProcess(
        folder,
        workers=load.workers,
        settings={"ECLGRMD_LOG_LEVEL": "warning"},
        module="eclgrmd" if load.analysis else "testbench.bench.smallest_daemon",
    )
    await daemon.start()
    try:
        at = daemon.running_endpoints()
        seen = Seen()
        async with (
            aiohttp.ClientSession(at.rest) as http,
            Bus(Address(at.nats), name="load") as bus,
            running_file_server(0, Tally(), faults=False) as server,
            asyncio.TaskGroup() as group,
        ):
            looking = group.create_task(_look(at.pid, seen), name="memory")
            began = time.monotonic()
            await _send(bus, server, load, seen)
            sent_s = time.monotonic() - began
            rows = await _all_ended(http, load.tasks)
            took_s = time.monotonic() - began
            looking.cancel()
        return _report(rows, seen, sent_s, took_s, load)
    finally:
        await daemon.stop()


async def _send(bus: Bus, server: FileServer, load: Load, seen: Seen) -> None:
    began, sent = time.monotonic(), 0

    async def publish(message: dict[str, Any]) -> None:
        nonlocal sent
        if load.rate:
            await asyncio.sleep(began + sent / load.rate - time.monotonic())
        sent += 1
        await _publish(bus, message, seen)

    content = tiny_light_curve(1)
    sha256 = hashlib.sha256(content).hexdigest()
    for number in range(max(load.notifications, _BURSTS)):
        burst_id, name = f"sb{number % _BURSTS:02d}", f"lc{number // _BURSTS}.fits"
        url = server.offer(burst_id, name, content)
        link = {"name": name, "url": url, "size": len(content), "sha256": sha256}
        message = {"type": "data", "id": f"n{number}", "burst_id": burst_id, "files": [link]}
        await publish(message)
    for number in range(load.tasks):
        inputs = [{"name": "lc0.fits"}]
        task = tiny_task(f"t{number:06d}", f"sb{number % _BURSTS:02d}", inputs)
        await publish(task)


async def _publish(bus: Bus, message: dict[str, Any], seen: Seen) -> None:
    began = time.perf_counter()
    await bus.publish("data.bandx", msgspec.json.encode(message), f"load-{message['id']}")
    seen.acknowledged_s.append(time.perf_counter() - began)


async def _all_ended(http: aiohttp.ClientSession, tasks: int) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    following = "/task?limit=1000"
    while len(rows) < tasks:
        async with http.get(following) as answer:
            page = await answer.json()
        ended = [row for row in page["tasks"] if row["state"] in _FINAL]
        rows |= {row["id"]: row for row in ended}
        if page["next"] and len(ended) == len(page["tasks"]):
            following = page["next"]
        else:
            await asyncio.sleep(_LOOK_S)
    return list(rows.values())


async def _look(pid: int, seen: Seen) -> None:
    while True:
        status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text, "ascii")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        seen.memory_bytes.append(int(resident.split()[1]) * 1024)
        await asyncio.sleep(_LOOK_S)


def _report(
    rows: list[dict[str, Any]], seen: Seen, sent_s: float, took_s: float, load: Load
) -> bool:
    done = sum(row["state"] == "done" for row in rows)
    late = sum(places > load.workers for places in _overtaken(rows))
    hundredths = statistics.quantiles(seen.acknowledged_s, n=100)
    lasted = statistics.quantiles(map(_lasted_s, rows), n=100)
    settled = max(seen.memory_bytes[: len(seen.memory_bytes) // 4 + 1])
    growth = seen.memory_bytes[-1] - settled
    print(
        f"{len(rows)} tasks ({done} done) and {load.notifications} notifications "
        f"in {took_s:.0f} s: {len(rows) / took_s:.1f} tasks/s; "
        f"all messages were acknowledged after {sent_s:.0f} s"
    )
    print(f"acknowledgement: median {hundredths[49] * 1e3:.2f} ms, 99 % {hundredths[98] * 1e3:.2f}")
    print(f"task started to done: median {lasted[49] * 1e3:.1f} ms, 99 % {lasted[98] * 1e3:.1f} ms")
    print(f"memory: {settled / 1e6:.0f} MB, then {growth / 1e6:+.1f} MB until the end")
    print(f"overtaken by more later tasks than there are workers: {late} of {len(rows)}")
    return done == len(rows) and growth < _GROWTH_BYTES


def _overtaken(rows: list[dict[str, Any]]) -> list[int]:
    """Return for each task how many later ones started before it, last task first."""
    began: list[str] = []
    places = []
    for row in sorted(rows, key=lambda row: (str(row["created_at"]), row["id"]), reverse=True):
        places.append(bisect.bisect_left(began, str(row["started_at"])))
        bisect.insort(began, str(row["started_at"]))
    return places


def _lasted_s(row: dict[str, Any]) -> float:
    begun, ended = (datetime.fromisoformat(row[key]) for key in ("started_at", "finished_at"))
    return (ended - begun).total_seconds()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = command_parser("load", __doc__)
    parser.add_argument("--tasks", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--notifications", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=0.0, help="messages per second at most")
    parser.add_argument("--analysis", action="store_true", help="real analyses")
    load = Load(**vars(parser.parse_args(arguments)))
    with tempfile.TemporaryDirectory(prefix="eclgrmd-load-") as folder:
        good = asyncio.run(run(Path(folder), load))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

"""`testbench/load`: many small tasks and data notifications through one daemon.

Prints throughput, how long orders take to be acknowledged, the daemon's memory over the run, and
whether tasks began in the order they came. Exit 0 if all were done and memory stayed flat.
"""

import argparse
import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from eclgrmd.bus import Address, Bus
from testbench.daemon_process import DaemonProcess
from testbench.faults.file_server import FileServer, running_file_server
from testbench.faults.tally import Tally
from testbench.tiny import tiny_light_curve, tiny_task

__all__ = ["main"]

_BURSTS = 50
_LOOK_S = 5.0
_FINAL = ("done", "failed", "cancelled")
_GROWTH_BYTES = 50_000_000
"""More than this between the first quarter of a run and its end is a leak."""


class Seen(Struct):
    """What is measured on the way."""

    acknowledged_s: list[float] = []
    memory_bytes: list[int] = []


async def run(folder: Path, tasks: int, notifications: int, workers: int) -> bool:
    """Send everything as fast as it is acknowledged, wait, and print; False: it was not borne."""
    daemon = DaemonProcess(folder, workers=workers, settings={"ECLGRMD_LOG_LEVEL": "warning"})
    await daemon.start()
    try:
        at = daemon.endpoints()
        if at is None or daemon.pid is None:
            raise RuntimeError("the daemon is not up")
        seen = Seen()
        async with (
            aiohttp.ClientSession(at.rest) as http,
            Bus(Address(at.nats), name="load") as bus,
            running_file_server(0, Tally(), faults=False) as server,
            asyncio.TaskGroup() as group,
        ):
            looking = group.create_task(_look(daemon.pid, seen), name="memory")
            began = time.monotonic()
            await _send(bus, server, tasks, notifications, seen)
            sent_s = time.monotonic() - began
            rows = await _all_ended(http, tasks)
            took_s = time.monotonic() - began
            looking.cancel()
        return _tell(rows, seen, sent_s, took_s, notifications)
    finally:
        await daemon.stop()


async def _send(bus: Bus, server: FileServer, tasks: int, notifications: int, seen: Seen) -> None:
    content = tiny_light_curve(1)
    sha256 = hashlib.sha256(content).hexdigest()
    for number in range(max(notifications, _BURSTS)):
        burst_id, name = f"sb{number % _BURSTS:02d}", f"lc{number // _BURSTS}.fits"
        url = server.offer(burst_id, name, content)
        link = {"name": name, "url": url, "size": len(content), "sha256": sha256}
        message = {"type": "data", "id": f"n{number}", "burst_id": burst_id, "files": [link]}
        await _publish(bus, message, seen)
    for number in range(tasks):
        inputs = [{"name": "lc0.fits"}]
        task = tiny_task(f"t{number:06d}", f"sb{number % _BURSTS:02d}", inputs)
        await _publish(bus, task, seen)


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


def _tell(
    rows: list[dict[str, Any]], seen: Seen, sent_s: float, took_s: float, notifications: int
) -> bool:
    done = sum(row["state"] == "done" for row in rows)
    in_order = sorted(rows, key=lambda row: str(row["created_at"]))
    begun = [str(row["started_at"]) for row in in_order]
    late = sum(one > other for one, other in pairwise(begun))
    hundredths = statistics.quantiles(seen.acknowledged_s, n=100)
    settled = max(seen.memory_bytes[: len(seen.memory_bytes) // 4 + 1])
    growth = seen.memory_bytes[-1] - settled
    print(
        f"{len(rows)} tasks ({done} done) and {notifications} notifications in {took_s:.0f} s: "
        f"{len(rows) / took_s:.1f} tasks/s; all orders were with NATS after {sent_s:.0f} s"
    )
    print(
        f"order acknowledged: median {hundredths[49] * 1e3:.2f} ms, 99 % {hundredths[98] * 1e3:.2f}"
    )
    print(f"memory: {settled / 1e6:.0f} MB, then {growth / 1e6:+.1f} MB until the end")
    print(f"begun out of turn: {late} of {len(rows)}")
    return done == len(rows) and growth < _GROWTH_BYTES


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="testbench/load", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--notifications", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="default: %(default)s")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-load-") as folder:
        good = asyncio.run(run(Path(folder), options.tasks, options.notifications, options.workers))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

"""`testbench/bench/latency`: the daemon's own time per task, and its floor.

Daemon: from the response to the upload of a task's last file to the announcement of its products,
minus the time of the analysis. Floor, measured alternately: the operations that the guarantees need
(JetStream in, a call to a worker process that syncs a file and its folder, three inserts and a
commit, JetStream out).
"""

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import aiomysql

from eclgrmd.bus import Address, Bus, Delivery, Message
from eclgrmd.compute import Workers
from eclgrmd.embedded import PrivateMariaDB
from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_light_curve, tiny_task

__all__ = ["main"]

_TARGETS_MS = {"median": 25.0, "99 %": 60.0}
"""Targets on a quiet machine, milliseconds: negligible compared with an analysis."""
_WARM_UP = 10
"""First samples, which are not counted."""
_LIMIT_S = 600.0
"""Longest wait for a task, seconds: the first one waits until the numerics are compiled."""


class Announcements:
    """Records when the products of each task were announced."""

    def __init__(self) -> None:
        self._heard: dict[str, asyncio.Future[float]] = {}

    def announced(self, task_id: str) -> asyncio.Future[float]:
        """Return a future that gets the time of the announcement."""
        return self._heard.setdefault(task_id, asyncio.get_running_loop().create_future())

    async def receive(self, message: Message) -> None:
        """Record the time of an activity."""
        now = time.perf_counter()
        activity = json.loads(message.data)["activity"] or {}
        if activity.get("type") == "products":
            self.announced(activity["task_id"]).set_result(now)


class Floor:
    """The operations without which the daemon's guarantees are impossible, as a chain."""

    def __init__(self, bus: Bus, database: Any, workers: Workers, file: Path) -> None:
        self._bus = bus
        self._database = database
        self._workers = workers
        self._file = str(file)
        self._ended: asyncio.Future[None] | None = None
        self._number = 0

    async def measure(self) -> float:
        """Send a message through the chain and return the time it took, seconds."""
        self._number += 1
        self._ended = asyncio.get_running_loop().create_future()
        begin = time.perf_counter()
        await self._bus.publish("floor.in", b"{}", f"in-{self._number}")
        await self._ended
        return time.perf_counter() - begin

    async def handle(self, delivery: Delivery) -> None:
        """Do only what the guarantees require for a message."""
        await self._workers.call("testbench.bench.synced_write:write_synced", self._file)
        await self._database.begin()
        async with self._database.cursor() as cursor:
            for _ in range(3):
                await cursor.execute("INSERT INTO floor.chain (what) VALUES ('x')")
        await self._database.commit()
        await self._bus.publish("floor.out", b"{}", f"out-{self._number}")
        await delivery.ack()
        if self._ended is not None:
            self._ended.set_result(None)


async def measure(folder: Path, samples: int) -> dict[str, list[float]]:
    """Measure daemon and floor alternately; return seconds."""
    daemon = DaemonProcess(folder, workers=1)
    await daemon.start()
    try:
        at = daemon.running_endpoints()
        async with (
            aiohttp.ClientSession(at.rest) as http,
            Bus(Address(at.nats), name="latency") as bus,
            Workers(1) as workers,
            _table(daemon) as database,
        ):
            announcements = Announcements()
            await bus.subscribe("activity.eclgrm", announcements.receive)
            floor = Floor(bus, database, workers, folder / "log")
            for subject in ("floor.in", "floor.out"):
                await bus.ensure_stream(subject.replace(".", "-"), [subject])
            async with asyncio.TaskGroup() as group:
                chain = group.create_task(
                    bus.consume("floor-in", "floor.in", "floor", floor.handle), name="floor"
                )
                found: dict[str, list[float]] = {"daemon": [], "floor": []}
                for number in range(_WARM_UP + samples):
                    ours = await _daemon_once(http, announcements, number)
                    bare = await floor.measure()
                    if number >= _WARM_UP:
                        found["daemon"].append(ours)
                        found["floor"].append(bare)
                chain.cancel()
        return found
    finally:
        await daemon.stop()


@contextlib.asynccontextmanager
async def _table(daemon: DaemonProcess) -> AsyncIterator[Any]:
    """Create the floor's table and open a connection to it."""
    server = PrivateMariaDB(daemon.state_dir, daemon.state_dir / "run")
    connection = await aiomysql.connect(
        unix_socket=str(server.unix_socket), user=server.user, autocommit=True
    )
    async with connection:
        async with connection.cursor() as cursor:
            await cursor.execute("CREATE DATABASE floor")
            await cursor.execute(
                "CREATE TABLE floor.chain (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(9))"
            )
        yield connection


async def _daemon_once(
    http: aiohttp.ClientSession, announcements: Announcements, number: int
) -> float:
    """Send a task and its data; return the time that is not analysis, seconds."""
    task_id = f"t{number}"
    async with http.post(
        "/api/v1/task", json=tiny_task(task_id, task_id, [{"name": "a.fits"}])
    ) as sent:
        sent.raise_for_status()
    query = {"burst_id": task_id, "name": "a.fits"}
    async with http.post("/api/v1/data", params=query, data=tiny_light_curve(number)) as sent:
        sent.raise_for_status()
        await sent.read()
    acknowledged = time.perf_counter()
    async with asyncio.timeout(_LIMIT_S):
        announced = await announcements.announced(task_id)
    async with http.get(f"/api/v1/task/{task_id}/logs") as logs:
        lines = (await logs.json())["lines"]
    inside = next(line["elapsed_s"] for line in lines if line["event"] == "task done")
    return announced - acknowledged - float(inside)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0 if the targets are met."""
    parser = command_parser("bench/latency", __doc__)
    parser.add_argument("--samples", type=int, default=200, help="default: %(default)s")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-latency-") as folder:
        found = asyncio.run(measure(Path(folder), options.samples))
    good = True
    shown: dict[str, Callable[[list[float]], float]] = {
        "median": statistics.median,
        "99 %": lambda values: statistics.quantiles(values, n=100)[-1],
    }
    for name, statistic in shown.items():
        ours, bare = statistic(found["daemon"]) * 1e3, statistic(found["floor"]) * 1e3
        good = good and ours <= _TARGETS_MS[name]
        print(
            f"{name:7} daemon {ours:7.2f} ms (target {_TARGETS_MS[name]:g} ms), "
            f"floor {bare:7.2f} ms: {ours / bare:.2f} times"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

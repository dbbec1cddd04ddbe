"""A running daemon's time from the last byte of data to its announcements."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eclgrmd.bus import Address, Bus, Message
from eclgrmd.client import AsyncClient
from testbench.daemon_process import DaemonProcess

__all__ = ["daemon_rows"]

_LIMIT_S = 600.0
"""Longest wait for a task, seconds."""
NUMBERS, FIGURES = "result.json", "image/png"
"""Product of the first announcement, and media type of the last ones."""


class _Heard:
    """The times at which the products of one task were announced."""

    def __init__(self, task_id: str) -> None:
        self._task_id = task_id
        self.numbers: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.products: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def receive(self, message: Message) -> None:
        """Record the time of the first message with numbers, and of the first with figures."""
        now, activity = time.perf_counter(), json.loads(message.data).get("activity") or {}
        if activity.get("task_id") != self._task_id:
            return
        products = activity.get("products") or []
        if activity.get("type") == "result" or _has(products, "name", NUMBERS):
            _record(self.numbers, now)
        if _has(products, "media_type", FIGURES):
            _record(self.products, now)


def _has(products: Sequence[dict[str, Any]], key: str, value: str) -> bool:
    return any(product.get(key) == value for product in products)


def _record(future: asyncio.Future[float], now: float) -> None:
    if not future.done():
        future.set_result(now)


def daemon_rows(scratch: Path, files: Sequence[Path], repeats: int) -> dict[str, list[float]]:
    """Start a daemon, analyse a burst repeatedly, and return elapsed seconds by row."""
    folder = scratch / "daemon"
    folder.mkdir()
    return asyncio.run(_measure(folder, files, repeats))


async def _measure(folder: Path, files: Sequence[Path], repeats: int) -> dict[str, list[float]]:
    daemon = DaemonProcess(folder, workers=1)
    await daemon.start()
    names = ("daemon: data acknowledged to numbers", "daemon: data acknowledged to all products")
    found: dict[str, list[float]] = {name: [] for name in names}
    try:
        at = daemon.running_endpoints()
        async with (
            AsyncClient(at.rest) as client,
            Bus(Address(at.nats), name="answer") as bus,
        ):
            for number in range(repeats + 1):
                measured = await _once(client, bus, files, f"t{number}")
                if number:  # the first task loads the numerics
                    for name, seconds in zip(names, measured, strict=True):
                        found[name].append(seconds)
    finally:
        await daemon.stop()
    return found


async def _once(
    client: AsyncClient, bus: Bus, files: Sequence[Path], task_id: str
) -> tuple[float, float]:
    """Send a task and its data; return the times to both announcements, seconds."""
    heard = _Heard(task_id)
    await bus.subscribe("activity.eclgrm", heard.receive)
    await client.submit(task_id, [path.name for path in files], task_id=task_id)
    for path in files:
        await client.upload(task_id, path)
    acknowledged = time.perf_counter()
    async with asyncio.timeout(_LIMIT_S):
        return await heard.numbers - acknowledged, await heard.products - acknowledged

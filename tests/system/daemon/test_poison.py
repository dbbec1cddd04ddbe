"""Tasks that are poison fail alone, with their reason; NATS may forget everything meanwhile."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from eclgrmd.bus import Address, Bus
from eclgrmd.errors import TransientError
from testbench.daemon_process import DaemonProcess
from testbench.faults.site import children
from testbench.tiny import tiny_light_curve, tiny_task
from tests.support.limits import LIMIT_S

SETTINGS = {
    "ECLGRMD_TASKS_MAX_ATTEMPTS": "2",
    "ECLGRMD_TASKS_TIME_LIMIT_S": "8",
    "ECLGRMD_TASKS_POLL_S": "0.5",
}
INPUTS = [{"name": "a.fits"}]
REASONS = {
    "eats-1": "needs more memory than a worker may have",
    "crashes-1": "its worker process ended (SIGKILL)",
    "hangs-1": "took longer than 8 s",
}


@pytest.fixture
def poisoned(tmp_path: Path) -> Iterator[DaemonProcess]:
    process = DaemonProcess(
        tmp_path, workers=2, settings=SETTINGS, module="testbench.faults.daemons.task_poison"
    )
    asyncio.run(process.start(limit_s=LIMIT_S))
    yield process
    asyncio.run(process.kill())


async def ended(http: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{name}") as answer:
                view: dict[str, Any] = await answer.json()
            if view.get("state") in {"done", "failed", "cancelled"}:
                return view
            await asyncio.sleep(0.2)


async def bring(http: aiohttp.ClientSession) -> None:
    query = {"burst_id": "b", "name": "a.fits"}
    async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
        assert answer.status == 201


async def test_poison_fails_alone_with_its_reason(poisoned: DaemonProcess) -> None:
    at = poisoned.endpoints()
    assert at is not None
    async with aiohttp.ClientSession(at.rest) as http:
        await bring(http)
        for name in (*REASONS, "good-1"):
            async with http.post("/api/v1/task", json=tiny_task(name, "b", INPUTS)) as sent:
                assert sent.status == 201
        assert (await ended(http, "good-1"))["state"] == "done"
        for name, reason in REASONS.items():
            view = await ended(http, name)
            assert (view["state"], view["attempts"]) == ("failed", 2), view["reason"]
            assert reason in view["reason"]
        async with http.post("/api/v1/task", json=tiny_task("good-2", "b", INPUTS)) as sent:
            assert sent.status == 201
        assert (await ended(http, "good-2"))["state"] == "done"


async def test_nats_that_forgot_everything_is_set_up_again(poisoned: DaemonProcess) -> None:
    at = poisoned.endpoints()
    assert at is not None
    assert poisoned.pid is not None
    async with aiohttp.ClientSession(at.rest) as http, Bus(Address(at.nats)) as bus:
        await bring(http)
        (nats,) = [pid for pid, name in children(poisoned.pid) if name == "nats-server"]
        # Held, so that it does not start the server again before that has forgotten everything.
        os.kill(poisoned.pid, signal.SIGSTOP)
        os.kill(nats, signal.SIGKILL)
        shutil.rmtree(poisoned.state_dir / "nats" / "streams")
        os.kill(poisoned.pid, signal.SIGCONT)
        async with asyncio.timeout(LIMIT_S):
            await _published(bus, msgspec.json.encode(tiny_task("good-3", "b", INPUTS)))
        assert (await ended(http, "good-3"))["state"] == "done"


async def _published(bus: Bus, payload: bytes) -> None:
    while True:
        try:
            await bus.publish("data.bandx", payload, "good-3")
        except TransientError:  # until the stream is there again
            await asyncio.sleep(0.2)
        else:
            return

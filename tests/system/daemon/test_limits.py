"""Requests beyond a limit are refused in time, and a poisonous task fails alone."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from eclgrmd.compute.worker import PROCESS_NAME
from testbench.daemon_process import DaemonProcess
from testbench.faults.site import children
from testbench.tiny import tiny_light_curve, tiny_task
from tests.support.consuming import eventually
from tests.support.limits import LIMIT_S

LONG = {"duration": {"bootstrap": 100_000}, "products": {"figures": False}}
FINAL = {"done", "failed", "cancelled"}
SETTINGS = {
    "ECLGRMD_TASKS_TIME_LIMIT_S": "20",
    "ECLGRMD_TASKS_MAX_ATTEMPTS": "2",
    "ECLGRMD_TASKS_MAX_OPEN": "4",
    "ECLGRMD_REST_MAX_UPLOADS": "1",
}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    process = DaemonProcess(tmp_path_factory.mktemp("limited"), workers=1, settings=SETTINGS)
    asyncio.run(process.start())
    yield process
    asyncio.run(process.stop())


@pytest.fixture
async def http(limited: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    at = limited.endpoints()
    assert at is not None
    async with aiohttp.ClientSession(at.rest) as session:
        yield session


async def bring(http: aiohttp.ClientSession, burst_id: str) -> None:
    query = {"burst_id": burst_id, "name": "a.fits"}
    async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
        assert answer.status == 201, await answer.text()


async def ask(http: aiohttp.ClientSession, name: str, **change: Any) -> int:
    wanted = {**tiny_task(name, name, [{"name": "a.fits"}]), **change}
    async with http.post("/api/v1/task", json=wanted) as answer:
        return answer.status


async def ended(http: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{name}") as answer:
                view: dict[str, Any] = await answer.json()
            if view["state"] in FINAL:
                return view
            await asyncio.sleep(0.1)


async def begun(http: aiohttp.ClientSession, name: str, attempt: int) -> bool:
    """Wait until a worker has begun with an attempt; False: the task has ended."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{name}") as answer:
                if (await answer.json())["state"] in FINAL:
                    return False
            async with http.get(f"/api/v1/task/{name}/logs") as answer:
                lines = (await answer.json())["lines"]
            if any(line.get("attempt") == attempt for line in lines):
                return True
            await asyncio.sleep(0.05)


def send_to_workers(daemon: DaemonProcess, number: signal.Signals) -> None:
    assert daemon.pid is not None
    for pid, name in children(daemon.pid):
        if name == PROCESS_NAME:
            with suppress(ProcessLookupError):  # the daemon may just have ended it
                os.kill(pid, number)


async def test_a_task_whose_worker_hangs_fails_with_the_reason(
    http: aiohttp.ClientSession, limited: DaemonProcess
) -> None:
    await bring(http, "hangs")
    assert await ask(http, "hangs", configuration=LONG) == 201
    for attempt in (1, 2):
        assert await begun(http, "hangs", attempt)
        send_to_workers(limited, signal.SIGSTOP)
    view = await ended(http, "hangs")
    send_to_workers(limited, signal.SIGCONT)
    assert view["reason"] == "eclgrmd.tasks.worker_functions:analyse took longer than 20 s"
    states = [change["state"] for change in view["changes"]]
    assert states == ["waiting", "queued", "running", "queued", "running", "failed"]


async def test_a_task_that_crashes_its_worker_fails_with_the_reason(
    http: aiohttp.ClientSession, limited: DaemonProcess
) -> None:
    await bring(http, "crashes")
    assert await ask(http, "crashes", configuration=LONG) == 201
    for attempt in (1, 2):
        assert await begun(http, "crashes", attempt)
        send_to_workers(limited, signal.SIGKILL)
    view = await ended(http, "crashes")
    assert "its worker process ended (SIGKILL)" in view["reason"]
    assert view["attempts"] == 2


async def test_after_poison_a_good_task_is_done(http: aiohttp.ClientSession) -> None:
    await bring(http, "good")
    assert await ask(http, "good") == 201
    assert (await ended(http, "good"))["state"] == "done"


async def test_more_uploads_than_may_be_are_asked_to_come_again(
    http: aiohttp.ClientSession,
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        """Send fast enough to keep the place."""
        while not go_on.is_set():
            yield bytes(100_000)
            begun.set()
            await asyncio.sleep(0.01)

    async def upload() -> int:
        query = {"burst_id": "slow", "name": "b.fits"}
        async with http.post("/api/v1/data", params=query, data=slowly()) as answer:
            return answer.status

    async with asyncio.TaskGroup() as group:
        first = group.create_task(upload())
        await begun.wait()
        await asyncio.sleep(0.3)
        query = {"burst_id": "slow", "name": "c.fits"}
        async with http.post("/api/v1/data", params=query, data=tiny_light_curve(2)) as answer:
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) >= 1
        go_on.set()
    assert first.result() == 422


async def test_more_tasks_than_may_be_open_are_asked_to_come_again(
    http: aiohttp.ClientSession,
) -> None:
    answers: list[int] = []
    async with asyncio.timeout(LIMIT_S):
        while 429 not in answers:
            answers.append(await ask(http, f"waits{len(answers)}"))
            await asyncio.sleep(0.3)
    assert len(answers) >= 4
    for number in range(len(answers) - 1):
        async with http.delete(f"/api/v1/task/waits{number}") as answer:
            assert answer.status == 200
    await asyncio.sleep(2.5)
    assert await ask(http, "one-more") == 201


async def test_a_disk_without_reserve_takes_no_data_and_says_so(tmp_path: Path) -> None:
    settings = {"ECLGRMD_STORAGE_RESERVE_BYTES": str(2**60)}
    daemon = DaemonProcess(tmp_path, workers=1, settings=settings)
    try:
        async with asyncio.TaskGroup() as tasks:
            starting = tasks.create_task(daemon.start(limit_s=2 * LIMIT_S), name="starting")
            await eventually(lambda: daemon.endpoints() is not None)
            await refuses_data(daemon.running_endpoints().rest)
            assert not starting.done()
            starting.cancel()
    finally:
        await daemon.stop()


async def refuses_data(url: str) -> None:
    async with aiohttp.ClientSession(url) as http:
        async with http.get("/health/ready") as answer:
            assert answer.status == 503
            assert "bytes free" in (await answer.json())["storage"]["fault"]
        query = {"burst_id": "full", "name": "a.fits"}
        async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
            assert answer.status == 507
            assert "Retry-After" in answer.headers

"""No sender delays another, whatever it sends and for however many bursts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_light_curve
from tests.support.limits import LIMIT_S
from tests.support.quicklook.packets import notice

SENT = 3
GREEDY, OTHER = "127.0.0.2", "127.0.0.1"


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[DaemonProcess]:
    process = DaemonProcess(tmp_path, workers=1, module="testbench.faults.daemons.slow_reading")
    asyncio.run(process.start())
    yield process
    asyncio.run(process.kill())


async def client(daemon: DaemonProcess, address: str) -> AsyncIterator[aiohttp.ClientSession]:
    at = daemon.endpoints()
    assert at is not None
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with aiohttp.ClientSession(at.rest, connector=connector) as session:
        yield session


@pytest.fixture
async def greedy(slow: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async for session in client(slow, GREEDY):
        yield session


@pytest.fixture
async def other(slow: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async for session in client(slow, OTHER):
        yield session


async def bring_file(http: aiohttp.ClientSession, burst_id: str, name: str) -> int:
    query = {"burst_id": burst_id, "name": name}
    async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
        return answer.status


async def bring_notice(http: aiohttp.ClientSession, name: str) -> int:
    text = notice(202, name, "2026-01-01T00:00:00", name)
    async with http.post("/api/v1/notice", data=text) as answer:
        return answer.status


async def calls(http: aiohttp.ClientSession, pool: str) -> float:
    """Return how many calls a pool of readers has, waiting or begun."""
    async with http.get("/metrics") as answer:
        families = list(text_string_to_metric_families(await answer.text()))
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.labels.get("pool") == pool
        and (sample.labels.get("state") == "busy" or sample.name == "eclgrmd_calls_waiting")
    )


async def until_sent(http: aiohttp.ClientSession, pool: str) -> None:
    found = await calls(http, pool)
    while found < SENT:
        await asyncio.sleep(0.05)
        found = await calls(http, pool)


async def test_a_sender_of_slow_files_for_many_bursts_holds_up_nobody_else(
    greedy: aiohttp.ClientSession, other: aiohttp.ClientSession
) -> None:
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        hanging = [
            group.create_task(bring_file(greedy, f"b{number}", f"hangs{number}.fits"))
            for number in range(SENT)
        ]
        await until_sent(other, "readers")
        assert await bring_file(other, "good", "a.fits") == 201
        assert not any(each.done() for each in hanging)
        for each in hanging:
            each.cancel()


async def test_a_sender_of_slow_notices_holds_up_nobody_else(
    greedy: aiohttp.ClientSession, other: aiohttp.ClientSession
) -> None:
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        hanging = [
            group.create_task(bring_notice(greedy, f"hangs{number}")) for number in range(SENT)
        ]
        await until_sent(other, "alert readers")
        assert await bring_notice(other, "good") == 201
        assert not any(each.done() for each in hanging)
        for each in hanging:
            each.cancel()

"""The watchdog is fed only while workers respond or compute."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eclgrmd.compute import Workers
from eclgrmd.daemon.heartbeat import Heartbeat
from eclgrmd.health import Health
from eclgrmd.systemd import Systemd


class Manager(Systemd):
    """Counts the messages to systemd, which expects one every two seconds."""

    def __init__(self) -> None:
        super().__init__({"WATCHDOG_USEC": "2000000"})
        self.fed = 0
        self.said: list[str] = []

    def feed_watchdog(self) -> None:
        self.fed += 1

    def status(self, text: str) -> None:
        self.said.append(text)


class Well(Health):
    """Reports that everything is well, without any resources."""

    def __init__(self) -> None:
        pass

    def in_one_line(self) -> str:
        return "ready"


@asynccontextmanager
async def beating(manager: Manager, pool: Workers) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(Heartbeat(manager, (pool,), Well()).run(stop))
        yield
        stop.set()


async def fed_within(manager: Manager, limit_s: float) -> bool:
    before, end = manager.fed, asyncio.get_running_loop().time() + limit_s
    while manager.fed == before:
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(0.02)
    return True


async def test_workers_that_answer_feed_it() -> None:
    manager = Manager()
    async with Workers(1) as pool, beating(manager, pool):
        assert await fed_within(manager, 5.0)
        assert await fed_within(manager, 5.0)
    assert manager.said == ["ready"]


async def test_workers_that_compute_feed_it() -> None:
    manager = Manager()
    async with Workers(1) as pool, beating(manager, pool), asyncio.TaskGroup() as group:
        computing = group.create_task(pool.call("time:sleep", 3.0))
        await asyncio.sleep(0.1)
        assert await fed_within(manager, 2.0)
        assert await fed_within(manager, 2.0)
        assert not computing.done()


async def test_a_worker_that_stands_still_is_replaced() -> None:
    manager = Manager()
    async with Workers(1) as pool:
        standing = await pool.call("os:getpid")
        os.kill(standing, signal.SIGSTOP)
        async with beating(manager, pool):
            assert await fed_within(manager, 20.0)
            assert await pool.call("os:getpid") != standing


async def test_a_pool_without_workers_does_not_feed_it() -> None:
    manager = Manager()
    pool = Workers(1)  # never started
    async with beating(manager, pool):
        assert not await fed_within(manager, 1.5)
    assert not manager.fed

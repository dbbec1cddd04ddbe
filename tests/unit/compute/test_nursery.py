"""The process from which workers are forked: what they share, and what becomes of it."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from eclgrmd.compute import Nursery, WorkerDiedError, Workers
from eclgrmd.compute.worker import PROCESS_NAME
from eclgrmd.daemon.run import IMPORTS
from tests.support import called
from tests.support.consuming import eventually


@pytest.fixture
async def nursery() -> AsyncIterator[Nursery]:
    async with Nursery(warm=["tests.support.called:remember"]) as nursery:
        yield nursery


def pid_of(nursery: Nursery) -> int:
    assert nursery._process is not None
    return nursery._process.pid


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().rstrip()


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


async def test_its_workers_are_children_of_the_daemon_and_listed_as_workers(
    nursery: Nursery,
) -> None:
    async with Workers(2, nursery=nursery) as workers:
        pid = await workers.call(called.pid)
        assert await workers.call("os:getppid") == os.getpid()
        assert name_of(pid) == PROCESS_NAME


async def test_what_it_has_imported_is_there_in_workers_of_all_pools(nursery: Nursery) -> None:
    async with Workers(1, nursery=nursery) as first, Workers(1, nursery=nursery) as second:
        remembered = [await workers.call(called.remembered) for workers in (first, second)]
    assert remembered == [pid_of(nursery)] * 2


async def test_its_workers_outlive_it_and_the_next_one_comes_from_another(
    nursery: Nursery,
) -> None:
    async with Workers(2, nursery=nursery) as workers:
        first, before = pid_of(nursery), await workers.call(called.pid)
        os.kill(first, signal.SIGKILL)
        assert await workers.call(called.pid) == before
        with capture_logs() as lines:
            with pytest.raises(WorkerDiedError):
                await workers.call(called.kill_myself)
            await eventually(lambda: workers.health.alive == 2)
        assert "nursery died; another one starts" in {line["event"] for line in lines}
        assert pid_of(nursery) != first
        assert workers.health.deaths == 1


async def test_a_failed_import_is_told_by_the_workers_that_need_it() -> None:
    nursery = Nursery(warm=[called.broken_start])
    async with nursery, Workers(1, nursery=nursery) as workers:
        assert await workers.call(called.echo, 1) == (1,)


async def test_it_has_one_thread_with_all_that_workers_import() -> None:
    """A fork would copy the locks of other threads, but not the threads."""
    async with Nursery(warm=IMPORTS) as nursery, Workers(1, nursery=nursery):
        assert threads(pid_of(nursery)) == 1

"""Worker processes, good calls and bad ones."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from eclgrmd.compute import (
    Deadline,
    RemoteError,
    WorkerDiedError,
    WorkerMemoryError,
    Workers,
    WorkerTimeoutError,
)
from eclgrmd.compute.frames import WorkerSetUp
from eclgrmd.errors import FatalError, InputError, TransientError
from tests.support import called
from tests.support.consuming import eventually


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(2) as workers:
        yield workers


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def test_a_call_runs_elsewhere_and_returns_its_result(workers: Workers) -> None:
    assert await workers.call(called.echo, 1, "two", b"3" * 1_000_000) == (
        1,
        "two",
        b"3" * 1_000_000,
    )
    assert await workers.call(called.pid) != os.getpid()


async def test_a_function_is_named_without_being_imported(workers: Workers) -> None:
    assert await workers.call("math:sqrt", 16.0) == 4.0
    assert await workers.call("os:getcwd") == str(Path.cwd())


async def test_calls_run_beside_each_other(workers: Workers) -> None:
    begin = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(2):
            tasks.create_task(workers.call(called.sleep, 0.5), name=f"call {number}")
        await asyncio.sleep(0.1)
        assert workers.health.busy == 2
    assert time.monotonic() - begin < 0.9
    assert workers.health.busy == 0


async def test_an_error_comes_back_as_it_is_with_its_traceback(workers: Workers) -> None:
    with pytest.raises(InputError, match="light curve has no rows") as refused:
        await workers.call(called.refuse)
    assert "in refuse" in refused.value.__notes__[0]
    with pytest.raises(ZeroDivisionError):
        await workers.call(called.divide)
    with pytest.raises(TransientError) as postponed:
        await workers.call(called.postpone)
    assert postponed.value.delay_s == 7.0


@pytest.mark.parametrize(
    ("function", "kind", "said"),
    [
        (called.strange, RemoteError, "called:strange failed with .*StrangeError: very"),
        (called.undescribable, TypeError, "function is unsupported"),
        (called.wrong, RemoteError, "called:wrong returned a wrong value: Expected `int`"),
    ],
)
async def test_what_cannot_come_back_is_described(
    workers: Workers, function: Any, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        await workers.call(function)
    assert await workers.call(called.echo) == ()


async def test_a_function_that_no_worker_finds_is_refused_or_named(workers: Workers) -> None:
    with pytest.raises(TypeError, match="no worker can find it"):
        await workers.call(lambda: None)
    with pytest.raises(AttributeError, match="no_such_function"):
        await workers.call("tests.support.called:no_such_function")
    with pytest.raises(ModuleNotFoundError):
        await workers.call("no_such_module:x")


@pytest.mark.parametrize(
    ("function", "how"),
    [(called.segfault, "SIGSEGV"), (called.kill_myself, "SIGKILL"), (called.leave, "status 3")],
)
async def test_a_worker_that_dies_fails_its_call_only_and_is_replaced(
    workers: Workers, function: Any, how: str
) -> None:
    other = asyncio.get_running_loop().create_task(workers.call(called.sleep, 0.3))
    with pytest.raises(WorkerDiedError, match=how):
        await workers.call(function)
    assert await other == 0.3
    await eventually(lambda: workers.health.alive == 2)
    assert workers.health.deaths == 1
    assert await workers.call(called.echo, 1) == (1,)


async def test_a_worker_killed_while_idle_is_replaced(workers: Workers) -> None:
    os.kill(await workers.call(called.pid), signal.SIGKILL)
    await eventually(lambda: workers.health.deaths == 1 and workers.health.alive == 2)
    assert await workers.call(called.echo, 1) == (1,)


async def test_a_call_that_hangs_is_ended_in_time_and_others_go_on(workers: Workers) -> None:
    begin = time.monotonic()
    with pytest.raises(WorkerTimeoutError, match=r"support\.called:spin took longer than 0\.3 s"):
        await workers.call(called.spin, timeout_s=0.3)
    assert time.monotonic() - begin < 1.0
    assert await workers.call(called.echo, 1, timeout_s=5.0) == (1,)


async def test_the_time_limit_does_not_count_the_wait_for_a_worker(workers: Workers) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(4):
            tasks.create_task(workers.call(called.sleep, 0.3, timeout_s=0.5), name=f"call {number}")


async def test_a_stopped_worker_is_ended_in_time_too(workers: Workers) -> None:
    async with asyncio.TaskGroup() as tasks:

        async def hang() -> None:
            with pytest.raises(WorkerTimeoutError):
                await workers.call(called.sleep, 60.0, timeout_s=0.3)

        tasks.create_task(hang(), name="hang")
        os.kill(await workers.call(called.pid), signal.SIGSTOP)
        with pytest.raises(WorkerTimeoutError):
            await workers.call(called.echo, timeout_s=0.3)
    await eventually(lambda: workers.health.alive == 2)


async def test_a_call_is_ended_when_its_deadline_is(workers: Workers) -> None:
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match="its time was over"):
        await workers.call(called.spin, deadline=Deadline(begin + 0.5))
    assert 0.5 <= time.monotonic() - begin < 5.0
    assert await workers.call(called.echo, "on") == ("on",)


async def test_a_deadline_that_is_moved_lets_its_call_go_on(workers: Workers) -> None:
    deadline = Deadline(time.monotonic() + 0.5)
    async with asyncio.TaskGroup() as tasks:
        call = tasks.create_task(workers.call(called.sleep, 1.0, deadline=deadline), name="call")
        await asyncio.sleep(0.2)
        deadline.move(time.monotonic() + 60.0)
    assert call.result() == 1.0
    assert await workers.call(called.sleep, 1.0) == 1.0  # the timer is switched off


def test_a_stopped_daemon_leaves_no_computation_beyond_its_deadline(tmp_path: Path) -> None:
    program = (
        "import asyncio, time\n"
        "from eclgrmd.compute import Deadline, Workers\n"
        "from tests.support import called\n"
        "async def main():\n"
        "    async with Workers(1) as workers:\n"
        "        print(await workers.call(called.pid), flush=True)\n"
        "        await workers.call(called.spin, deadline=Deadline(time.monotonic() + 1.0))\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment, cwd=tmp_path
    ) as daemon:
        try:
            assert daemon.stdout is not None
            worker = int(daemon.stdout.readline())
            time.sleep(0.5)
            daemon.send_signal(signal.SIGSTOP)
            assert is_running(worker)
            until = time.monotonic() + 20.0
            while is_running(worker):
                assert time.monotonic() < until
                time.sleep(0.05)
        finally:
            daemon.kill()


async def test_a_call_that_eats_memory_fails_and_others_go_on() -> None:
    async with Workers(1, memory_limit_bytes=300_000_000) as workers:
        with pytest.raises(WorkerMemoryError, match="eat_memory needs more memory"):
            await workers.call(called.eat_memory, 1_000_000_000)
        assert await workers.call(called.eat_memory, 100_000_000) == 100_000_000
        await eventually(lambda: workers.health.deaths == 1)


async def test_a_cancelled_call_is_ended(workers: Workers, tmp_path: Path) -> None:
    mark = tmp_path / "begun"
    call = asyncio.get_running_loop().create_task(
        workers.call(called.touch_and_sleep, str(mark), 60.0)
    )
    await eventually(lambda: mark.exists() and bool(mark.read_text()))
    pid = int(mark.read_text())
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled()
    await eventually(lambda: not is_running(pid))
    await eventually(lambda: workers.health.alive == 2)


async def test_a_cancelled_call_that_waits_is_never_begun(tmp_path: Path) -> None:
    mark = tmp_path / "begun"
    async with Workers(1) as workers:
        loop = asyncio.get_running_loop()
        first = loop.create_task(workers.call(called.sleep, 0.3))
        await asyncio.sleep(0.05)
        second = loop.create_task(workers.call(called.touch_and_sleep, str(mark), 0.0))
        await asyncio.sleep(0.05)
        assert workers.health.waiting == 1
        second.cancel()
        await asyncio.wait([first, second])
        assert await workers.call(called.echo) == ()
        assert workers.health.deaths == 0
    assert not mark.exists()


async def test_the_lowest_priority_number_goes_first_and_equals_keep_their_order(
    tmp_path: Path,
) -> None:
    record = tmp_path / "record"
    async with Workers(1) as workers, asyncio.TaskGroup() as tasks:
        tasks.create_task(workers.call(called.sleep, 0.3), name="first")
        await asyncio.sleep(0.05)
        for priority, text in [(5, "d"), (1, "b"), (1, "c"), (0, "a")]:
            call = workers.call(called.append, str(record), text, priority=priority)
            tasks.create_task(call, name=text)
            await asyncio.sleep(0)
    assert record.read_text() == "abcd"


async def test_log_lines_of_a_worker_arrive_with_the_callers_fields() -> None:
    lines: list[Mapping[str, Any]] = []
    async with Workers(1, on_line=lines.append) as workers:
        with structlog.contextvars.bound_contextvars(task_id="t1"):
            await workers.call(called.say, "spectrum folded")
        await workers.call(called.say, "other")
        worker = await workers.call(called.pid)
    assert lines[0]["event"] == "spectrum folded"
    assert lines[0]["task_id"] == "t1"
    assert (lines[0]["answer"], lines[0]["path"]) == (42, "/x")
    assert (lines[0]["level"], lines[0]["worker"]) == ("info", worker)
    assert "task_id" not in lines[1]


async def test_a_line_that_cannot_be_written_spoils_no_answer() -> None:
    def refuse(_fields: Mapping[str, Any]) -> None:
        raise OSError(28, "No space left on device")

    async with Workers(1, on_line=refuse) as workers, asyncio.TaskGroup() as tasks:
        calls = [
            tasks.create_task(workers.call(*call), name=str(call))
            for call in ((called.say, "spectrum folded"), (called.echo, 2), (called.echo, 3))
        ]
        await asyncio.wait(calls)
    assert [call.result() for call in calls] == [None, (2,), (3,)]


async def test_workers_know_the_cache_and_leave_interrupts_to_the_daemon(tmp_path: Path) -> None:
    async with Workers(1, cache_dir=tmp_path) as workers:
        assert await workers.call(called.environment, "NUMBA_CACHE_DIR") == str(tmp_path)
        assert await workers.call(called.environment, "OMP_NUM_THREADS") == "1"
        assert await workers.call(called.ignores_interrupt)


async def test_stopping_lets_calls_finish_within_the_limit() -> None:
    workers = Workers(1)
    await workers.start()
    loop = asyncio.get_running_loop()
    running = loop.create_task(workers.call(called.sleep, 0.3))
    await asyncio.sleep(0.05)
    waiting = loop.create_task(workers.call(called.sleep, 0.3))
    await asyncio.sleep(0.05)
    await workers.stop(5.0)
    assert await running == 0.3
    with pytest.raises(TransientError, match="stopping"):
        await waiting
    with pytest.raises(TransientError, match="stopping"):
        await workers.call(called.echo)


async def test_stopping_ends_calls_after_the_limit_and_leaves_no_process() -> None:
    workers = Workers(2)
    await workers.start()
    pids = [worker.pid for worker in _processes(workers)]
    running = asyncio.get_running_loop().create_task(workers.call(called.spin))
    await asyncio.sleep(0.05)
    begin = time.monotonic()
    await workers.stop(0.2)
    assert time.monotonic() - begin < 1.0
    with pytest.raises(WorkerDiedError):
        await running
    assert not any(map(is_running, pids))


@pytest.mark.parametrize("moment_s", [0.0, 0.005, 0.02, 0.08])
async def test_a_start_that_is_cancelled_leaves_no_process(moment_s: float) -> None:
    before = _children()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(moment_s):
            await Workers(2).start()
    await eventually(lambda: _children() <= before)


async def test_workers_killed_as_they_start_are_tried_again_and_told(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with Workers(1, warm=[f"{called.__name__}:die_unless_there"], cache_dir=gate) as workers:
        assert workers.health.alive == 0
        gate.mkdir()
        assert await workers.call(called.echo, 1, timeout_s=30.0) == (1,)
        assert workers.health.alive == 1


async def test_workers_that_cannot_start_say_why() -> None:
    with pytest.raises(FatalError, match=r"start: builtins\.RuntimeError: no compiler here"):
        await Workers(2, warm=[called.broken_start]).start()


async def test_every_new_process_is_warmed(tmp_path: Path) -> None:
    async with Workers(1, warm=["tests.support.called:pid", "math:tau.hex"]) as workers:
        with pytest.raises(WorkerDiedError):
            await workers.call(called.leave)
        await eventually(lambda: workers.health.alive == 1)


async def test_a_call_costs_less_than_a_millisecond(workers: Workers) -> None:
    await workers.call(called.echo)
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        await workers.call(called.echo, 1)
        times.append(time.perf_counter() - begin)
    assert sorted(times)[20] < 1e-3  # the tenth percentile: other programs may keep the cores busy


def _children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def _processes(workers: Workers) -> list[Any]:
    return [slot._worker for slot in workers._slots]


async def test_a_worker_of_another_version_does_not_start() -> None:
    workers = Workers(1)
    workers._set_up = WorkerSetUp(None, (), version="0")
    with pytest.raises(FatalError, match="the daemon is eclgrmd 0, its workers"):
        await workers.start()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_passing_files_of_a_worker_go_when_it_ends(tmp_path: Path) -> None:
    async with Workers(1, scratch_dir=tmp_path) as workers:
        folder = Path(await workers.call("tempfile:gettempdir"))
        assert folder.parent == tmp_path
        await workers.call(called.append, str(folder / "unpacked"), "much")
        with pytest.raises(WorkerTimeoutError):
            await workers.call(called.sleep, 60.0, timeout_s=0.1)
        assert Path(await workers.call("tempfile:gettempdir")) != folder
        assert folder.name not in names(tmp_path)
    assert names(tmp_path) == []


async def test_a_folder_for_passing_files_that_was_removed_is_made_again(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    async with Workers(1, scratch_dir=scratch) as workers:
        await workers.call("tempfile:gettempdir")
        shutil.rmtree(scratch)
        made = Path(await workers.call("tempfile:mkdtemp"))
    assert made.parent.parent == scratch

"""What a worker cannot reach: each attempt of `held` is made by a worker, with and without."""

import asyncio
import os
import resource
from pathlib import Path

import landlockpy
import pytest

from eclgrmd.compute import Sandbox, WorkerDiedError, Workers
from tests.support import called
from tests.support.consuming import eventually

GUARDS = {
    *("memory", "file size", "descriptors", "other files", "network", "other programs"),
    "other processes",
}


async def held(sandbox: Sandbox | None, probe: Path) -> set[str]:
    memory_bytes = None if sandbox is None else 2_000_000_000
    async with Workers(1, sandbox=sandbox, memory_limit_bytes=memory_bytes) as workers:
        found = await workers.call("eclgrmd.compute.sandbox:held", str(probe))
    return {name for name, holds in found.items() if holds}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "state" / "secret"
    file.parent.mkdir()
    file.write_text("secret")
    return file


@pytest.mark.skipif(not landlockpy.supported(), reason="needs Landlock in the kernel")
async def test_a_worker_reaches_its_files_and_nothing_else(secret: Path, tmp_path: Path) -> None:
    data, output, scratch = (tmp_path / name for name in ("data", "output", "scratch"))
    for folder in (data, output):
        folder.mkdir()
    (data / "x").write_text("good")
    box = Sandbox((str(data),), (str(output),))
    assert await held(box, secret) == GUARDS
    async with Workers(1, sandbox=box, scratch_dir=scratch) as workers:
        await workers.call(called.append, str(output / "new"), "text")
        await workers.call(called.append, await workers.call("tempfile:mktemp"), "text")
        for path in (data / "x", secret, tmp_path / "new", Path("/tmp/new")):  # noqa: S108
            with pytest.raises(PermissionError):
                await workers.call(called.append, str(path), "bad")
        with pytest.raises(PermissionError):
            await workers.call("os:listdir", str(secret.parent))
        with pytest.raises(PermissionError):
            await workers.call(called.link_to, str(secret), str(output / "link"))
    assert (output / "new").read_text() == "text"
    assert secret.read_text() == "secret"  # noqa: ASYNC240 - nothing else runs in this loop


@pytest.mark.skipif(not landlockpy.supported(), reason="needs Landlock in the kernel")
@pytest.mark.parametrize("background", [False, True])
async def test_a_call_reaches_its_own_files_and_none_of_another_call(
    tmp_path: Path, *, background: bool
) -> None:
    data, products, cache = (tmp_path / name for name in ("data", "products", "cache"))
    for folder in (data, products, cache):
        folder.mkdir()
    for name in ("mine", "other"):
        (data / name).write_text(name)
    mine, other = str(products / "mine"), str(products / "other")
    pool = Sandbox((str(data),), (str(products),))
    own = Sandbox((str(data / "mine"),), (mine,))
    wider = Sandbox((str(tmp_path),), (str(tmp_path),))
    async with Workers(1, sandbox=pool, cache_dir=cache, scratch_dir=tmp_path / "s") as workers:

        async def append(path: str, sandbox: Sandbox) -> None:
            await workers.call(called.append, path, "x", background=background, sandbox=sandbox)

        await workers.call(called.link_to, str(data / "mine"), f"{mine}/link", sandbox=own)
        await append(f"{mine}/new", own)
        await append(str(cache / "kernel"), own)
        await append(await workers.call("tempfile:mktemp"), own)
        for attempt in (
            workers.call(called.link_to, str(data / "other"), f"{mine}/to-other", sandbox=own),
            workers.call("os:listdir", str(data), sandbox=own),
            append(str(data / "mine"), own),
            append(other, own),
            append(str(tmp_path / "outside"), wider),
        ):
            with pytest.raises(PermissionError):
                await attempt
        await append(f"{other}/new", Sandbox((), (other,)))
    assert (products / "other" / "new").read_text() == "x"


@pytest.mark.skipif(not landlockpy.supported(), reason="needs Landlock in the kernel")
async def test_another_sandbox_of_the_pool_replaces_its_workers_after_their_calls(
    secret: Path,
) -> None:
    async with Workers(2, sandbox=Sandbox()) as workers, asyncio.TaskGroup() as group:
        slow = group.create_task(workers.call(called.sleep, 0.5), name="slow")
        with pytest.raises(PermissionError):
            await workers.call("os:listdir", str(secret.parent))
        workers.confine(Sandbox((str(secret.parent),)))
        assert await workers.call("os:listdir", str(secret.parent)) == ["secret"]
        assert await slow == 0.5
        await eventually(lambda: workers.health.deaths == 2 and workers.health.alive == 2)
        workers.confine(Sandbox((str(secret.parent),)))
        assert workers.health.alive == 2  # it is the same one


@pytest.mark.skipif(not landlockpy.supported(), reason="needs Landlock in the kernel")
async def test_the_working_directory_is_no_part_of_the_program(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(secret.parent)
    monkeypatch.syspath_prepend(secret.parent)  # as `python -m` does
    assert await held(Sandbox(), secret) == GUARDS


async def test_a_worker_neither_ends_nor_limits_the_daemon() -> None:
    own = os.getpid()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with Workers(1, sandbox=Sandbox()) as workers:
        for function, *arguments in (
            ("os:kill", own, 0),
            ("os:kill", -1, 0),
            ("os:killpg", os.getpgrp(), 0),
            ("resource:prlimit", own, resource.RLIMIT_NOFILE, before),
        ):
            with pytest.raises(PermissionError):
                await workers.call(function, *arguments)
        worker = await workers.call("os:getpid")
        await workers.call("os:kill", worker, 0)
        with pytest.raises(WorkerDiedError, match="SIGABRT"):
            await workers.call("os:abort")


async def test_without_a_sandbox_nothing_is_held(secret: Path) -> None:
    unguarded = {"other files", "network", "other programs", "other processes"}
    assert await held(None, secret) & unguarded == set()


async def test_a_removed_folder_for_passing_files_ends_a_worker_that_could_not_make_it(
    tmp_path: Path,
) -> None:
    scratch = tmp_path / "scratch"
    async with Workers(1, sandbox=Sandbox(), scratch_dir=scratch) as workers:
        await asyncio.to_thread(called.remove, str(scratch))
        assert await workers.call(called.echo, 1) == (1,)
        await eventually(lambda: workers.health.deaths == 1 and workers.health.alive == 1)
        await workers.call(called.append, await workers.call("tempfile:mktemp"), "text")

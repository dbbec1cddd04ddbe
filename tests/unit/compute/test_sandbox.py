"""What a worker cannot reach: each attempt of `held` is made by a worker, with and without."""

import asyncio
from pathlib import Path

import landlockpy
import pytest

from eclgrmd.compute import Sandbox, Workers
from tests.support import called
from tests.support.consuming import eventually

GUARDS = {"memory", "file size", "descriptors", "other files", "network", "other programs"}


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
async def test_the_working_directory_is_no_part_of_the_program(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(secret.parent)
    monkeypatch.syspath_prepend(secret.parent)  # as `python -m` does
    assert await held(Sandbox(), secret) == GUARDS


async def test_without_a_sandbox_nothing_is_held(secret: Path) -> None:
    assert await held(None, secret) & {"other files", "network", "other programs"} == set()


async def test_a_removed_folder_for_passing_files_ends_a_worker_that_could_not_make_it(
    tmp_path: Path,
) -> None:
    scratch = tmp_path / "scratch"
    async with Workers(1, sandbox=Sandbox(), scratch_dir=scratch) as workers:
        await asyncio.to_thread(called.remove, str(scratch))
        assert await workers.call(called.echo, 1) == (1,)
        await eventually(lambda: workers.health.deaths == 1 and workers.health.alive == 1)
        await workers.call(called.append, await workers.call("tempfile:mktemp"), "text")

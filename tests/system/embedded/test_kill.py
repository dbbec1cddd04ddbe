"""After `kill -9` of the daemon no process is left, and no data are lost."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from eclgrmd.embedded import PrivateMariaDB, PrivateNats
from eclgrmd.embedded.processes import find_program

PARENT = Path(__file__).with_name("parent.py")
DEBIAN_PYTHON = Path("/usr/bin/python3.11")


def begin(state_dir: Path, *prefix: str, python: str = sys.executable) -> subprocess.Popen[str]:
    packages = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [*prefix, python, str(PARENT), str(state_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": packages},
    )


def facts(parent: subprocess.Popen[str]) -> dict[str, Any]:
    assert parent.stdout is not None
    assert parent.stderr is not None
    line = parent.stdout.readline()
    assert line, parent.stderr.read()
    found: dict[str, Any] = json.loads(line)
    return found


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def until_gone(pids: list[int], limit_s: float) -> bool:
    end = time.monotonic() + limit_s
    while any(map(is_running, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(is_running, pids))


def kill(parent: subprocess.Popen[str]) -> None:
    parent.kill()
    parent.communicate()


def test_nothing_outlives_a_killed_daemon_and_the_next_one_starts(tmp_path: Path) -> None:
    for _ in range(3):
        parent = begin(tmp_path)
        found = facts(parent)
        kill(parent)
        assert until_gone(found["pids"], 10.0)
    # The very next daemon does not wait until the old servers have gone.
    parent = begin(tmp_path)
    facts(parent)
    kill(parent)
    parent = begin(tmp_path)
    facts(parent)
    kill(parent)


def test_a_daemon_killed_at_any_moment_of_its_first_start_starts_again(tmp_path: Path) -> None:
    for moment in range(6):
        parent = begin(tmp_path)
        time.sleep(0.25 + 0.15 * moment)
        kill(parent)
    parent = begin(tmp_path)
    found = facts(parent)
    kill(parent)
    assert until_gone(found["pids"], 10.0)


async def test_orphans_are_ended_before_the_next_start(tmp_path: Path) -> None:
    # A stopped process cannot follow the kernel's polite signal: it stays as an orphan.
    parent = begin(tmp_path)
    found = facts(parent)
    for pid in found["servers"]:
        os.kill(pid, signal.SIGSTOP)
    kill(parent)
    assert all(map(is_running, found["servers"]))
    async with (
        PrivateMariaDB(tmp_path, stop_limit_s=0.5) as mariadb,
        PrivateNats(tmp_path, stop_limit_s=0.5) as nats,
    ):
        assert not any(map(is_running, found["pids"]))
        assert str(mariadb.unix_socket) == found["socket"]
        assert nats.url == found["url"]


async def test_a_process_that_only_looks_like_an_orphan_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    name = str(tmp_path / "nats" / "nats.conf")
    lookalike = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", "read x", name, cwd=elsewhere, stdin=asyncio.subprocess.PIPE
    )
    try:
        async with PrivateNats(tmp_path):
            assert lookalike.returncode is None
    finally:
        lookalike.kill()
        await lookalike.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_them_too() -> None:
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    if not DEBIAN_PYTHON.exists():
        pytest.skip(f"{DEBIAN_PYTHON} is not here")
    program = find_program("nats-server", "")
    for needed in (PARENT, program):
        if subprocess.run([*as_nobody, "test", "-r", str(needed)], check=False).returncode:
            pytest.skip(f"an ordinary user cannot read {needed}")
    # pytest's own temporary folders are closed to others.
    state_dir = Path(tempfile.mkdtemp(prefix="eclgrmd-test-")) / "a state"
    state_dir.parent.chmod(0o755)
    state_dir.mkdir()
    os.chown(state_dir, 65534, 65534)
    prefix = [*as_nobody, "env", f"PATH={program.parent}:{os.environ['PATH']}"]
    try:
        parent = begin(state_dir, *prefix, python=str(DEBIAN_PYTHON))
        found = facts(parent)
        assert found["user"] == "nobody"
        kill(parent)
        assert until_gone(found["pids"], 10.0)
    finally:
        shutil.rmtree(state_dir.parent)

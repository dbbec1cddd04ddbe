"""The daemon starts, stops, dies and comes back, and loses nothing on the way."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from testbench.daemon_process import DaemonProcess
from testbench.faults.site import children
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S

FINAL = {"done", "failed", "cancelled"}


async def get(daemon: DaemonProcess, path: str) -> Any:
    at = daemon.endpoints()
    assert at is not None
    async with aiohttp.ClientSession() as http, http.get(at.rest + path) as answer:
        return await answer.json()


async def send_all(daemon: DaemonProcess, burst: SimulatedBurst, tasks: int) -> None:
    at = daemon.endpoints()
    assert at is not None
    async with aiohttp.ClientSession(at.rest) as http:
        for i in range(tasks):
            wanted = {
                "id": f"t{i}",
                "burst_id": burst.burst_id,
                "analysis": "temporal",
                "inputs": [{"name": file.name} for file in burst.files],
                "configuration": {"seed": i},
            }
            async with http.post("/api/v1/task", json=wanted) as answer:
                assert answer.status == 201
        for file in burst.files:
            query = {"burst_id": burst.burst_id, "name": file.name, "sha256": file.sha256}
            async with http.post(
                "/api/v1/data", params=query, data=io.BytesIO(file.path.read_bytes())
            ) as answer:
                assert answer.status == 201, await answer.text()


async def all_ended(daemon: DaemonProcess) -> list[dict[str, Any]]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            rows: list[dict[str, Any]] = (await get(daemon, "/api/v1/task"))["tasks"]
            if all(row["state"] in FINAL for row in rows):
                return rows
            await asyncio.sleep(0.2)


async def test_a_stop_under_work_and_a_kill_lose_no_task(
    own_daemon: DaemonProcess, burst: SimulatedBurst
) -> None:
    await own_daemon.start()
    await send_all(own_daemon, burst, 8)
    await asyncio.sleep(0.5)
    await own_daemon.kill()
    await own_daemon.start()
    await asyncio.sleep(0.5)
    assert await own_daemon.stop() == 0
    assert own_daemon.endpoints() is None
    left = own_daemon.state_dir / "scratch" / "left by a killed worker"
    left.touch()
    await own_daemon.start()
    assert not left.exists()
    rows = await all_ended(own_daemon)
    assert [row["state"] for row in rows] == ["done"] * 8, [row["reason"] for row in rows]
    for row in rows:
        view = await get(own_daemon, f"/api/v1/task/{row['id']}")
        numbers = [change["number"] for change in view["changes"]]
        assert numbers == list(range(1, len(numbers) + 1))
        names = [product["name"] for product in view["products"]]
        assert len(names) == len(set(names)) > 0
    assert await own_daemon.stop() == 0


async def test_private_servers_that_are_killed_come_back(own_daemon: DaemonProcess) -> None:
    await own_daemon.start()
    pid = own_daemon.pid
    assert pid is not None
    for name in ("mariadbd", "nats-server"):
        (child,) = named_children(pid, name)
        os.kill(child, signal.SIGKILL)
        async with asyncio.timeout(LIMIT_S):
            while named_children(pid, name) in ([], [child]):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        await until_ready(own_daemon)
    assert await own_daemon.stop() == 0
    assert not any(named_children(pid, name) for name in ("mariadbd", "nats-server"))


async def test_a_second_signal_stops_at_once(
    own_daemon: DaemonProcess, burst: SimulatedBurst
) -> None:
    await own_daemon.start()
    await send_all(own_daemon, burst, 4)
    own_daemon.terminate()
    await asyncio.sleep(0.05)
    own_daemon.terminate()
    assert await own_daemon.ended(limit_s=5.0) in {0, 1}


async def test_two_daemons_never_share_a_state_folder(daemon: DaemonProcess) -> None:
    environment = {
        **os.environ,
        "ECLGRMD_STORAGE_STATE_DIR": str(daemon.state_dir),
        "ECLGRMD_REST_PORT": "0",
    }
    second = await asyncio.to_thread(serve, environment)
    assert second.returncode == 1
    assert f"in use by another eclgrmd (process {daemon.pid})" in second.stderr
    assert daemon.endpoints() is not None


@pytest.mark.parametrize("command", ["serve", "check-config"])
def test_a_wrong_setting_is_told_and_nothing_starts(tmp_path: Path, command: str) -> None:
    path = tmp_path / "eclgrmd.toml"
    path.write_text("[rest]\nprot = 1\n", encoding="utf-8")
    ended = serve({**os.environ}, command, "--settings", str(path))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"eclgrmd {command}: settings file {path}: ")
    assert "unknown field `prot`" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_the_daemons_own_process_never_imports_numerics(daemon: DaemonProcess) -> None:
    maps = await asyncio.to_thread(Path(f"/proc/{daemon.pid}/maps").read_text, "utf-8")
    assert not any(name in maps for name in ("numpy", "scipy", "llvmlite", "astropy"))


async def test_every_log_line_is_json_with_a_constant_sentence(daemon: DaemonProcess) -> None:
    text = await asyncio.to_thread(daemon.log.read_text, "utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)


def serve(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eclgrmd", *(arguments or ("serve",))],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def named_children(pid: int, name: str) -> list[int]:
    """Return the child processes that have a name."""
    return [child for child, found in children(pid) if found == name]


async def until_ready(daemon: DaemonProcess) -> None:
    """Wait until two looks in a row, more than one round of checks apart, say that all is well."""
    async with asyncio.timeout(LIMIT_S):
        well = 0
        while well < 2:
            well = well + 1 if (await get(daemon, "/health/ready"))["ready"] else 0
            await asyncio.sleep(1.1)

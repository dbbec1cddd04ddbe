"""Campaigns of commands beside a running daemon are watched and cancelled by REST."""

import os
import subprocess
import sys
from pathlib import Path

import aiohttp

from testbench.daemon_process import DaemonProcess
from tests.support.checkout import CHECKOUT
from tests.support.limits import LIMIT_S


def plan(daemon: DaemonProcess, folder: Path) -> None:
    """Write a campaign of three bursts into the ledger, without computing it."""
    done = subprocess.run(
        [
            sys.executable, "-m", "eclgrmd", "campaign", "submit", "watched", "--only-plan",
            "--make", "tests.support.campaigns:small_burst", "--seeds", "3",
            "--output", str(folder / "results"), "--state", str(daemon.state_dir),
        ],
        cwd=CHECKOUT, env={**os.environ, "ECLGRMD_STORAGE_RUNTIME_DIR": ""}, capture_output=True,
        text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_campaign_is_watched_and_cancelled(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path / "daemon")
    await daemon.start()
    try:
        async with aiohttp.ClientSession(daemon.running_endpoints().rest) as http:
            async with http.get("/api/v1/campaigns") as answer:
                assert await answer.json() == {"campaigns": []}
            plan(daemon, tmp_path)
            async with http.get("/api/v1/campaigns") as answer:
                (found,) = (await answer.json())["campaigns"]
            assert (found["campaign_id"], found["state"], found["items"]) == (
                "watched", "planned", 3
            )  # fmt: skip
            path = "/api/v1/campaigns/watched"
            async with http.delete(path) as answer:
                assert (answer.status, (await answer.json())["state"]) == (200, "cancelled")
            async with http.delete(path) as answer:
                assert answer.status == 409
            async with http.get(path) as answer:
                view = await answer.json()
            assert (view["state"], view["configurations"]) == ("cancelled", ["default"])
            assert view["folder"] == str(tmp_path / "results")
            async with http.get("/api/v1/audit") as answer:
                actions = [each["action"] for each in (await answer.json())["audit"]]
            assert "campaigns_cancel" in actions
            async with http.get("/api/v1/campaigns/other") as answer:
                assert answer.status == 404
    finally:
        assert await daemon.stop() == 0

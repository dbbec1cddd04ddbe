"""DC-0 without any task: `testbench/dc0 --mode automatic`, with one small burst."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.limits import RUN_LIMIT_S


@pytest.mark.timeout(2 * RUN_LIMIT_S)
def test_every_step_passes_without_any_task_sent(tmp_path: Path) -> None:
    chosen = ["--mode", "automatic", "--burst", "faint-short"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "testbench.acceptance", *chosen),
            *("--output", tmp_path, "--json", tmp_path / "it.json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT_S,
    )

    report = json.loads((tmp_path / "it.json").read_bytes())
    failed = [f"{s['name']}: {s['detail']}" for s in report["steps"] if s["status"] != "PASS"]
    assert not failed
    assert done.returncode == 0, done.stdout + done.stderr
    names = {step["name"] for step in report["steps"]}
    assert names > {
        "every product appears without a task",
        "one task a product, no storm",
        "a late higher version supersedes",
    }

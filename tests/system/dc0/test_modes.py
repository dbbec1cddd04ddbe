"""Tasks made by the daemon itself, alone and beside those that are sent: `testbench/dc0 --mode`."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(290)


@pytest.mark.parametrize("mode", ["automatic", "both"])
def test_every_step_passes_whoever_makes_the_tasks(tmp_path, mode):
    done = subprocess.run(
        [
            sys.executable, "-m", "testbench.acceptance", "--mode", mode, "--burst", "faint-short",
            "--output", tmp_path, "--json", tmp_path / "it.json",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )  # fmt: skip

    report = json.loads((tmp_path / "it.json").read_bytes())
    failed = [f"{s['name']}: {s['detail']}" for s in report["steps"] if s["status"] != "PASS"]
    assert not failed
    assert done.returncode == 0, done.stdout + done.stderr
    names = [step["name"] for step in report["steps"]]
    assert {"every product appears by itself", "a late higher version supersedes"} <= set(names)
    assert ("tasks computing" in names) == (mode == "both")

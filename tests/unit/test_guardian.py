"""Processes that tests start end with the tests, also when these are killed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.checkout import CHECKOUT
from tests.support.plugins.guardian import processes_with

STARTS = """
import os, subprocess, sys, time

def test_starts_a_process_that_nobody_ends():
    # In a session of its own, as a daemon is, and started by somebody who is gone.
    sleeper = "import os, sys, time; os.fork() and sys.exit(); os.setsid(); time.sleep(600)"
    subprocess.run([sys.executable, "-c", sleeper, {name!r}], check=True)
    open({mark!r}, "w").close()
    time.sleep({pause_s})
"""


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize("killed", [False, True])
def test_nothing_outlives_the_tests(tmp_path: Path, workers: str, *, killed: bool) -> None:
    name, mark = f"sleeper-of-{tmp_path}", tmp_path / "started"
    text = STARTS.format(name=name, mark=str(mark), pause_s=600 if killed else 0)
    (tmp_path / "test_some.py").write_text(text, encoding="utf-8")
    plugin = "tests.support.plugins.guardian"
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", plugin]
    with subprocess.Popen(
        [*command, "-n", workers, "--rootdir", tmp_path, tmp_path],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=CHECKOUT,
    ) as tests:
        wait_until(mark.exists)
        if killed:
            assert processes_with(name)
            tests.kill()
    wait_until(lambda: not processes_with(name))


def wait_until(look: object, *, limit_s: float = 120.0) -> None:
    assert callable(look)
    until = time.monotonic() + limit_s
    while not look():
        assert time.monotonic() < until
        time.sleep(0.05)

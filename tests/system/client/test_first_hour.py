"""The tutorial for new users does what it says: its commands run, in their order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from testbench.daemon_process import DaemonProcess
from tests.support.checkout import CHECKOUT

TUTORIAL = CHECKOUT / "packaging" / "docs" / "tutorials" / "daemon.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8641"
"""Address of the daemon in the text; in the test another one has its own port."""


def script(kind: str, url: str) -> str:
    """Return all blocks of one language, one after the other."""
    blocks = [
        code for language, code in BLOCK.findall(TUTORIAL.read_text("utf-8")) if language == kind
    ]
    assert blocks
    return "\n".join(blocks).replace(ADDRESS, url)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a checkout, with the programs on the path."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / ".venv" / "bin").mkdir(parents=True)
    run = f"#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} "
    control = "import sys; from eclgrmd.cli.control import main; sys.exit(main())"
    for name, words in {"python": '"$@"', "eclgrmctl": f"-c '{control}' \"$@\""}.items():
        program = folder / ".venv" / "bin" / name
        program.write_text(f"{run}{words}\n", encoding="utf-8")
        program.chmod(0o755)
    return folder


def test_the_commands_and_then_the_programs_run(daemon: DaemonProcess, desk: Path) -> None:
    url = daemon.running_endpoints().rest
    path = f"{desk / '.venv' / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "ECLGRMCTL_URL": url}
    shell = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script("sh", url)],
        capture_output=True, text=True, check=False, cwd=desk, env=environment,
    )  # fmt: skip
    assert shell.returncode == 0, shell.stdout + shell.stderr
    said = shell.stdout
    assert '"ready":true' in said
    assert "/duration/bin_s" in said, "the refusal names the wrong key"
    assert re.search(r"^T90 +\S+ \(-\S+ \+\S+\) s", said, re.MULTILINE)
    assert 'configuration /spectral/models: ["band"] -> ["cpl"]' in said
    assert re.search(r"^hour-2 [0-9.]+$", said, re.MULTILINE)

    done = subprocess.run(
        [sys.executable, "-c", script("python", url)],
        capture_output=True, text=True, check=False,
        cwd=desk / "first-hour" / "sb26110301", env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^0\.\d+ s: T90 = [0-9.]+ ", done.stdout, re.MULTILINE)) == 3
    assert "cpl {" in done.stdout
    assert "no task 'hour-99'" in done.stdout

"""Requests made from the OpenAPI document, right and wrong, get the responses that it names."""

import asyncio
import sys
from pathlib import Path

from testbench.checkout import CHECKOUT
from testbench.daemon_process import DaemonProcess
from tests.support.limits import LIMIT_S

_CONFIGURATION = CHECKOUT / "tests/support/schemathesis.toml"

_ENDLESS = "/api/v1/events"
"""A stream of events: schemathesis waits for its end."""


async def test_schemathesis_finds_no_fault(daemon: DaemonProcess, tmp_path: Path) -> None:
    at = daemon.endpoints()
    assert at is not None
    options = ["--max-examples", "5", "--seed", "20261129", "--no-color", "--request-timeout", "60"]
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", _CONFIGURATION,
        "run", f"{at.rest}/openapi.json", "--exclude-path", _ENDLESS, *options,
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        said, _ = await running.communicate()
    text = said.decode()
    assert running.returncode == 0, text
    assert "Stateful (disabled)" not in text

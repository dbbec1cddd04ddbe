"""Requests made from the OpenAPI document, right and wrong, get the responses that it names."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from testbench.checkout import CHECKOUT
from testbench.daemon_process import DaemonProcess
from tests.support.limits import LIMIT_S

_CONFIGURATION = CHECKOUT / "tests/support/schemathesis.toml"

_ENDLESS = "/api/v1/events"
"""A stream of events: schemathesis waits for its end."""


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[DaemonProcess]:
    """A daemon that lets nobody in without a token: the document says what needs one."""
    daemon = DaemonProcess(tmp_path, settings={"ECLGRMD_REST_OPEN_LOOPBACK": "off"})
    await daemon.start()
    yield daemon
    assert await daemon.stop() == 0


async def said(*words: str | Path, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a module of Python; return its exit status and what it said."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, cwd=folder, env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        output, _ = await running.communicate()
    return running.returncode or 0, output.decode()


async def test_schemathesis_finds_no_fault(guarded: DaemonProcess, tmp_path: Path) -> None:
    status, token = await said(
        "eclgrmd", "token", "create", "--role", "operator", "--name", "fuzz",
        folder=CHECKOUT,
        ECLGRMD_STORAGE_STATE_DIR=str(guarded.state_dir),
        ECLGRMD_STORAGE_RUNTIME_DIR=str(guarded.state_dir / "run"),
    )  # fmt: skip
    assert status == 0, token
    document = f"{guarded.running_endpoints().rest}/openapi.json"
    status, text = await said(
        "schemathesis.cli", "--config-file", _CONFIGURATION, "run", document,
        "--header", f"Authorization: Bearer {token.strip()}", "--exclude-path", _ENDLESS,
        "--max-examples", "5", "--seed", "20261129", "--no-color", "--request-timeout", "60",
        folder=tmp_path,
    )  # fmt: skip
    assert status == 0, text
    assert "Stateful (disabled)" not in text

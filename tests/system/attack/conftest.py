"""A daemon that lets nobody in without a token, a token of each role, and a raw client."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eclgrmd.model.access import Role
from testbench.daemon_process import DaemonProcess
from tests.support.attack import Door

CLOSED = {"ECLGRMD_REST_OPEN_LOOPBACK": "off"}


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    process = DaemonProcess(tmp_path_factory.mktemp("guarded"), settings=CLOSED)
    asyncio.run(process.start())
    yield process
    assert asyncio.run(process.stop()) == 0


@pytest.fixture(scope="session")
def settings_file(guarded: DaemonProcess) -> Path:
    """The settings by which commands find the database of the daemon."""
    path = guarded.state_dir.parent / "eclgrmd.toml"
    runtime = guarded.state_dir / "run"
    text = f'[storage]\nstate_dir = "{guarded.state_dir}"\nruntime_dir = "{runtime}"\n'
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tokens(settings_file: Path) -> dict[Role, str]:
    return {role: made(settings_file, role) for role in Role if role is not Role.ANYONE}


def made(settings_file: Path, role: Role) -> str:
    """Make a token as an operator of the machine does."""
    words = ("token", "create", "--role", role, "--name", f"the {role}")
    done = subprocess.run(
        [sys.executable, "-m", "eclgrmd", *words, "--settings", settings_file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def door(guarded: DaemonProcess) -> Door:
    return Door(guarded.running_endpoints().rest)

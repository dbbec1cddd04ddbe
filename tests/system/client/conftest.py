"""A running daemon with private servers, and the data of a tiny burst."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_light_curve


@pytest.fixture(scope="package")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """Share one daemon between all tests: each has a burst of its own."""
    process = DaemonProcess(tmp_path_factory.mktemp("daemon"))
    asyncio.run(process.start())
    yield process
    assert asyncio.run(process.stop()) == 0


@pytest.fixture
def url(daemon: DaemonProcess) -> str:
    return daemon.running_endpoints().rest


@pytest.fixture
def light_curve(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.fits"
    path.write_bytes(tiny_light_curve(1))
    return path

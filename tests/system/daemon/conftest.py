"""A running daemon with private servers, and the files of one short burst."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst, simulate_dc0

Start = Callable[[], DaemonProcess]


@pytest.fixture(scope="session")
def burst(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBurst:
    folder = tmp_path_factory.mktemp("dc0")
    return simulate_dc0(folder, 5, bursts=("short",)).bursts[0]


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """Share one daemon between all tests that leave it unchanged."""
    process = DaemonProcess(tmp_path_factory.mktemp("daemon"))
    asyncio.run(process.start())
    yield process
    assert asyncio.run(process.stop()) == 0


@pytest.fixture
def own_daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    """A daemon for one test, not yet started."""
    process = DaemonProcess(tmp_path)
    yield process
    asyncio.run(process.kill())

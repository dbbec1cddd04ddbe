"""A daemon that starts analyses by itself, and the files of a burst across the hour."""

import asyncio
from collections.abc import Iterator

import pytest

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst, simulate_dc0


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBurst:
    folder = tmp_path_factory.mktemp("dc0")
    return simulate_dc0(folder, 7, bursts=("hour",)).bursts[0]


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    settings = {"ECLGRMD_AUTOMATIC_EXPECTED": "GRM", "ECLGRMD_AUTOMATIC_JOINT_WAIT_S": "600"}
    process = DaemonProcess(tmp_path_factory.mktemp("daemon"), settings=settings, automatic=True)
    asyncio.run(process.start())
    yield process
    assert asyncio.run(process.stop()) == 0

"""Workers, scheduler and driver die in the middle of a campaign, and every burst counts once."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from tests.support.campaigns import DaskProcesses
from tests.support.checkout import CHECKOUT
from tests.support.limits import LIMIT_S

BURSTS = 40
QUICK = "duration: {bootstrap: 100, character: false, photon_fluence: false}\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[DaskProcesses]:
    processes = DaskProcesses(tmp_path, free_port())
    processes.start_scheduler()
    processes.start_worker()
    processes.start_worker()
    yield processes
    processes.kill()


class Driver:
    """The program that runs the campaign `c`, with a ledger of its own."""

    def __init__(self, folder: Path, dask: DaskProcesses) -> None:
        self.output = folder / "output"
        self._folder, self._state = folder, folder / "state"
        self._dask = dask
        folder.mkdir()
        (folder / "quick.yaml").write_text(QUICK)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "eclgrmd", "campaign", *arguments, "--state", str(self._state)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def submit(self) -> subprocess.Popen[str]:
        return self.start(
            "submit", "c", "--make", "tests.support.campaigns:unlucky_burst",
            "--seeds", str(BURSTS), "--chunk", "2", "--analysis", "temporal",
            "--config", str(self._folder / "quick.yaml"), "--output", str(self.output),
            "--dask", self._dask.address,
        )  # fmt: skip

    def end_of(self, process: subprocess.Popen[str]) -> str:
        said, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode in {0, 1}, said
        return said

    def wait_for_parts(self, number: int, process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while len(list(self.output.glob("parts/*.parquet"))) < number:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def table(self) -> Any:
        """Return the results without the time at which the campaign was submitted."""
        self.end_of(self.start("report", "c"))
        return parquet.read_table(self.output / "catalogue.parquet").drop_columns(["date"])


def test_each_burst_counts_once_whatever_dies(dask: DaskProcesses, tmp_path: Path) -> None:
    calm = Driver(tmp_path / "calm", dask)
    assert "8 failed (8 analysis)" in calm.end_of(calm.submit())

    driver = Driver(tmp_path / "chaos", dask)
    process = driver.submit()
    driver.wait_for_parts(2, process)
    dask.kill_worker()
    dask.start_worker()
    driver.wait_for_parts(5, process)
    dask.kill()
    dask.start_scheduler()
    dask.start_worker()
    dask.start_worker()
    driver.wait_for_parts(8, process)
    process.kill()
    process.communicate()
    said = driver.end_of(driver.start("restart", "c", "--dask", dask.address))

    assert f"c: done, {BURSTS} of {BURSTS} bursts, 8 failed (8 analysis)" in said
    assert driver.table().equals(calm.table())
    assert "seed 5 has no luck" in driver.end_of(driver.start("report", "c"))

"""Bursts for tests of campaigns, made in memory, and a cluster of real processes."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Observation
from tests.support.checkout import CHECKOUT

__all__ = ["DaskProcesses", "small_burst", "steady_burst", "unlucky_burst"]

WINDOW_S = (-20.0, 30.0)
UNLUCKY = 5
"""Every so many bursts one is wrong."""


def small_burst(seed: int) -> Observation:
    """Return the few events of a burst, after a pause that lets tests kill something meanwhile."""
    time.sleep(0.1)
    return steady_burst(seed)


def steady_burst(seed: int, counts: int = 800) -> Observation:
    """Return the few events of a burst over a steady background."""
    rng = np.random.default_rng(seed)
    times = np.sort(np.concatenate([rng.uniform(*WINDOW_S, 2000), rng.gamma(2.0, 1.0, counts)]))
    events = EventList(
        instrument=Instrument.OTHER,
        detector="D",
        time_s=times,
        channel=np.zeros(len(times), dtype=np.int16),
        channels=None,
        gti_s=np.array([WINDOW_S]),
    )
    return Observation(burst_id=BurstId(f"small{seed}"), t0_utc="", t0_met_s=0.0, events=(events,))


def unlucky_burst(seed: int) -> Observation:
    """Return a small burst, but raise for every fifth one."""
    if seed % UNLUCKY == 0:
        raise ValueError(f"seed {seed} has no luck")
    return small_burst(seed)


class DaskProcesses:
    """A scheduler and its workers, each a process that can be killed.

    Parameters
    ----------
    folder
        Folder for logs and for what workers write.
    port
        Port of the scheduler, which it keeps when it is started again.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"tcp://127.0.0.1:{port}"
        self._folder = folder
        self._port = port
        self._started = 0
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> None:
        """Start the scheduler."""
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(self._port),
            "--no-dashboard",
        )  # fmt: skip

    def start_worker(self) -> None:
        """Start a worker with one thread."""
        self.workers.append(
            self._start(
                "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny",
                "--no-dashboard", "--local-directory", str(self._folder),
            )
        )  # fmt: skip

    def kill_worker(self) -> None:
        """Kill the oldest worker."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()

    def kill(self) -> None:
        """Kill everything."""
        while self.workers:
            self.kill_worker()
        if self.scheduler is not None:
            self.scheduler.kill()
            self.scheduler.wait()

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        self._started += 1
        with (self._folder / f"dask-{self._started}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
            )

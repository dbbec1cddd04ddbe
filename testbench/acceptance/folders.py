"""The folder of a run, and the removal of earlier ones."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from testbench.daemon_process import read_endpoints

__all__ = ["RunFolder", "new_run_folder"]

_KEPT = 2
"""Runs that are kept, the new one included."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Folder of one run and what lies below it."""

    path: Path
    """Top folder of the run."""

    @property
    def data(self) -> Path:
        """Simulated files."""
        return self.path / "data"

    @property
    def daemon(self) -> Path:
        """State and log of the daemon."""
        return self.path / "daemon"

    @property
    def products(self) -> Path:
        """Products and records that the TTS collected."""
        return self.path / "tts"


def new_run_folder(output: Path) -> RunFolder:
    """Create the folder of a run; delete earlier ones except the newest and those still in use."""
    output.mkdir(parents=True, exist_ok=True)
    earlier = sorted(path for path in output.glob("run-*") if path.is_dir())
    for old in earlier[: 1 - _KEPT]:
        if not _in_use(old):
            shutil.rmtree(old, ignore_errors=True)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = output / f"run-{stamp}-{os.getpid()}"
    path.mkdir()
    latest = output / "latest"
    latest.unlink(missing_ok=True)
    latest.symlink_to(path.name)
    return RunFolder(path)


def _in_use(folder: Path) -> bool:
    """Return whether the daemon of a run is still alive."""
    endpoints = read_endpoints(folder / "daemon" / "state" / "run" / "endpoints.json")
    return endpoints is not None and Path(f"/proc/{endpoints.pid}").exists()

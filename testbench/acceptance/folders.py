"""Where a run keeps its things, and the end of those of earlier runs."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from testbench.daemon_process import read_endpoints

__all__ = ["RunFolder", "new_run_folder"]

_KEPT = 2


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run."""

    path: Path

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
        """What the TTS fetched."""
        return self.path / "tts"


def new_run_folder(output: Path) -> RunFolder:
    """Make a folder for a run; of the earlier ones keep the newest, and those still in use."""
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
    """Tell whether the daemon of a run is still up."""
    endpoints = read_endpoints(folder / "daemon" / "state" / "run" / "endpoints.json")
    return endpoints is not None and Path(f"/proc/{endpoints.pid}").exists()

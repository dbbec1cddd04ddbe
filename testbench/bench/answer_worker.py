"""A worker's memory over many bursts."""

import json
import sys
from hashlib import sha256
from pathlib import Path

from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.pipeline import run
from testbench.tiny import tiny_light_curve

__all__ = ["analyse_many"]

FEW = 5
"""Bursts after which every cache of a worker is filled."""


def analyse_many(folder: Path, bursts: int) -> None:
    """Analyse small light curves with figures; print number and resident memory, MB, as JSON."""
    folder.mkdir(parents=True)
    found = []
    for number in range(1, bursts + 1):
        path, content = folder / "lc.fits", tiny_light_curve(number)
        path.write_bytes(content)
        file = PipelineFile(str(path), path.name, sha256(content).hexdigest(), FileKind.LIGHT_CURVE)
        run(
            PipelineRequest(
                task_id="t", burst_id=f"b{number}", files=(file,), output=str(folder / "out")
            )
        )
        if number in {FEW, bursts}:
            found.append((number, _resident_mb()))
    json.dump(found, sys.stdout)


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    analyse_many(Path(sys.argv[1]), int(sys.argv[2]))

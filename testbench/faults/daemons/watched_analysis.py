"""The analysis of a task under a file lock, and the list of tasks that ran twice at a time."""

import fcntl
import os
import random
import time
from pathlib import Path

from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest
from eclgrmd.tasks import worker_functions

__all__ = ["WATCH", "analyse", "overlaps"]

WATCH = "ECLGRM_WATCH_DIR"
"""Environment variable with the folder of the locks."""
_SLOW_S = {1.5: 0.1, 12.0: 0.01}
"""Extra duration of a run in seconds: its probability. Longer than most faults, or than a lease."""


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Run the analysis; record the task if another run of it holds the lock."""
    folder = Path(os.environ[WATCH])
    with (folder / f"{request.task_id}.lock").open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with (folder / "overlaps").open("a", encoding="utf-8") as found:
                found.write(f"{request.task_id}\n")
        (pause_s,) = random.choices([*_SLOW_S, 0.0], [*_SLOW_S.values(), 1 - sum(_SLOW_S.values())])
        time.sleep(pause_s)
        return worker_functions.analyse(request)


def overlaps(folder: Path) -> list[str]:
    """Return the tasks that ran twice at the same time."""
    path = folder / "overlaps"
    return path.read_text(encoding="utf-8").split() if path.exists() else []

"""The analysis of a task under a lock of its name, and the list of those that met another one."""

import fcntl
import os
import random
import time
from pathlib import Path

from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest
from eclgrmd.tasks import worker_functions

__all__ = ["WATCH", "analyse", "overlaps"]

WATCH = "ECLGRM_WATCH_DIR"
"""Environment variable: where the locks lie."""
_SLOW_S = {1.5: 0.1, 12.0: 0.01}
"""Some runs last longer than most faults, a few longer than a lease; seconds, and how many."""


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Run the analysis of a task, alone or noted as not alone."""
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
    """List the tasks that ran twice at the same time."""
    path = folder / "overlaps"
    return path.read_text(encoding="utf-8").split() if path.exists() else []

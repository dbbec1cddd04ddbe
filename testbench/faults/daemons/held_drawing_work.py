"""Analyses and drawings that leave a note when they begin; drawings wait while a file is there."""

import os
import time
from pathlib import Path

from eclgrmd.model.pipeline import FiguresOutcome, PipelineOutcome, PipelineRequest
from eclgrmd.tasks import worker_functions

__all__ = ["HELD", "HOLD", "analyse", "draw", "notes"]

HELD = "HELD"
"""Environment variable with the folder of the notes."""
HOLD = "hold"
"""Name of the file in that folder that holds drawings."""
_LOOK_S = 0.05
"""Time between two looks at that file, seconds."""


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Note the analysis, and run it."""
    _note("analysis", request)
    return worker_functions.analyse(request)


def draw(request: PipelineRequest) -> FiguresOutcome:
    """Note the drawing, wait until nothing holds it, and draw."""
    _note("drawing", request)
    while (Path(os.environ[HELD]) / HOLD).exists():
        time.sleep(_LOOK_S)
    return worker_functions.draw(request)


def notes(folder: Path, what: str, task_id: str) -> list[int]:
    """Return the workers that began an analysis or a drawing of a task, by their process ids."""
    return [int(path.name.split(".")[0]) for path in folder.glob(f"*.{what}.{task_id}.*")]


def _note(what: str, request: PipelineRequest) -> None:
    name = f"{os.getpid()}.{what}.{request.task_id}.{time.monotonic_ns()}"
    (Path(os.environ[HELD]) / name).touch()

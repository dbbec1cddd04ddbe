"""Analyses that eat the memory of their worker, crash it or hang, by the name of their task."""

import os
import signal
import time

from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest
from testbench.bench import smallest_analysis

__all__ = ["analyse"]

_LARGE = 100_000_000_000


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Do what the task's name says, or else the smallest analysis."""
    match request.task_id.partition("-")[0]:
        case "eats":
            bytearray(_LARGE)
        case "crashes":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hangs":
            time.sleep(3600)
        case _:
            pass
    return smallest_analysis.analyse(request)

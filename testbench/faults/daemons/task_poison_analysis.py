"""Analyses that exhaust memory, crash or hang, by the prefix of the task id."""

import os
import signal
import time

from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest
from testbench.bench import smallest_analysis

__all__ = ["analyse"]

_LARGE = 100_000_000_000
"""More than a worker may have, bytes."""


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Exhaust memory, crash or hang as the task id says, or else run the smallest analysis."""
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

"""The request that an analysis of some files is, for `eclgrmd analyze` and for Python."""

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Resolved
from eclgrmd.model.names import identifier_from
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.task import TaskType

from .inputs import Inputs

__all__ = ["analysis_named", "request_for"]

_TASK = "analyze"
"""Id of the task of an analysis without a daemon."""


def analysis_named(name: str) -> TaskType:
    """Return what to compute, by its name.

    Raises
    ------
    InputError
        If there is no such analysis.
    """
    if name not in tuple(TaskType):
        raise InputError(f"analysis is {name!r}: must be one of {', '.join(TaskType)}")
    return TaskType(name)


def request_for(
    inputs: Inputs, wanted: Resolved, output: str, *, analysis: TaskType, burst_id: str = ""
) -> PipelineRequest:
    """Return the request to analyse files.

    Parameters
    ----------
    inputs
        The files.
    wanted
        Configuration of the analysis.
    output
        Folder for the products.
    analysis
        What to compute.
    burst_id
        Name of the burst; empty: the one in the headers, else the name of the first file.
    """
    stem = inputs.files[0].name.split(".")[0]
    named = burst_id or identifier_from(inputs.object_name) or identifier_from(stem) or "unnamed"
    return PipelineRequest(
        task_id=_TASK,
        burst_id=named,
        files=inputs.files,
        output=output,
        analysis=analysis,
        configuration=wanted.configuration,
        sources=wanted.sources,
        flags=inputs.flags,
    )

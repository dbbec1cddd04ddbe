"""The record of how a result was made, with everything that a replay needs."""

from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.names import FILE_VERSION
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.model.result import Input, Process, StepRecord

from .code import processor
from .reading import CALIBRATION, files_used

__all__ = ["input_of", "process_of"]


def input_of(file: PipelineFile) -> Input:
    """Return an input file as the result records it."""
    version = FILE_VERSION.search(file.name)
    return Input(file.name, file.sha256, file.kind, int(version[1]) if version else None)


def process_of(request: PipelineRequest, steps: tuple[StepRecord, ...]) -> Process:
    """Return the record of a run: request, steps, calibration and processor."""
    return Process(
        task_id=request.task_id,
        analysis=request.analysis,
        rerun_of=request.rerun_of,
        created_utc=request.created_utc,
        obs_id=request.obs_id,
        program=request.program,
        dstream=request.dstream,
        proc_ver=request.proc_ver,
        trigger_utc=request.trigger_utc,
        flags=request.flags,
        configuration_sha256=canonical_sha256(request.configuration),
        sources=request.sources,
        calibration=tuple(
            input_of(file) for file in files_used(request) if file.kind in CALIBRATION
        ),
        steps=steps,
        processor=processor(),
    )

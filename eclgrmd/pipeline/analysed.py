"""The analysis of a request's data, by recorded steps."""

import dataclasses
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest, Stage
from eclgrmd.model.result import Result
from eclgrmd.products.result import result_of

from .memory import StepMemory, recorded_steps
from .process import input_of, process_of
from .reading import read_files, request_sha256
from .steps_key import key_of
from .widening import widened, with_searched

__all__ = [
    "Listener",
    "analysed_and_widened",
    "analysis_of_request",
    "result_of_made",
    "result_of_request",
]

Value = str | int | float | bool | None | list[str]


class Listener(Protocol):
    """What is told of the progress of an analysis, such as the log of a task."""

    def begin(self, stage: Stage) -> None:
        """Take note that a stage begins."""

    def info(self, event: str, **fields: Value) -> None:
        """Take note of an event."""

    def warning(self, event: str, **fields: Value) -> None:
        """Take note of something doubtful."""


class _Deaf:
    """A listener that takes note of nothing."""

    def begin(self, stage: Stage) -> None:
        """Ignore a stage."""

    def info(self, event: str, **fields: Value) -> None:
        """Ignore an event."""

    def warning(self, event: str, **fields: Value) -> None:
        """Ignore a doubt."""


def result_of_request(request: PipelineRequest, unpacked: Unpacked | None = None) -> Result:
    """Return the result of a request without any products, as a run would write it.

    Raises
    ------
    InputError
        If a file or the configuration is invalid; the message says what would be right.
    """
    observation = read_files(request, unpacked)
    return _result(request, *analysed_and_widened(request, observation, _Deaf()))


def analysis_of_request(request: PipelineRequest) -> BurstAnalysis:
    """Return the analysis of a request, with its data.

    Raises
    ------
    InputError
        If a file or the configuration is invalid; the message says what would be right.
    """
    analysis, _ = analysed_and_widened(request, read_files(request), _Deaf())
    return analysis


def result_of_made(request: PipelineRequest, observation: Observation, inputs: str) -> Result:
    """Return the result for data that were made in memory, not read from files.

    Parameters
    ----------
    request
        Burst and configuration; it has no files.
    observation
        The data.
    inputs
        Checksum of everything that the data depend on, for the keys of the steps.
    """
    return _result(request, *_analysed(request, observation, _Deaf(), inputs))


def analysed_and_widened(
    request: PipelineRequest, observation: Observation, log: Listener
) -> tuple[BurstAnalysis, StepMemory]:
    """Analyse the data near the trigger, and all data if the burst is not, or not fully, there."""
    analysis, memory = _analysed(request, observation, log, request_sha256(request))
    temporal = analysis.temporal
    wider = None if temporal is None else widened(request, temporal.durations)
    if temporal is None or wider is None:
        return analysis, memory
    log.info("search widened", window=wider.text, found=wider.found)
    if wider.found:
        wide = replace(request, configuration=wider.configuration(request.configuration))
        analysis, memory = _analysed(wide, read_files(wide), log, request_sha256(wide))
        memory.window_s = wider.window_s
    else:
        analysis = with_searched(analysis, wider.window_s)
    return dataclasses.replace(analysis, flags=(*analysis.flags, *wider.flags)), memory


def _analysed(
    request: PipelineRequest, observation: Observation, log: Listener, inputs: str
) -> tuple[BurstAnalysis, StepMemory]:
    earlier = Path(request.earlier) if request.earlier else None
    recorded = recorded_steps(earlier) if earlier else ()
    memory = StepMemory(request.configuration, inputs, earlier, recorded, key=key_of(request))
    if memory.changed:
        log.warning("stored steps changed or not from here", steps=list(memory.changed))
    analysis = analyse(
        observation, request.configuration, request.analysis, on_stage=log.begin, recall=memory
    )
    return analysis, memory


def _result(request: PipelineRequest, analysis: BurstAnalysis, memory: StepMemory) -> Result:
    inputs = tuple(map(input_of, request.files))
    process = process_of(request, memory.records())
    return result_of(analysis, request.configuration, inputs, process)

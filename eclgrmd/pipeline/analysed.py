"""The analysis of a request's data, by recorded steps."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest, Stage
from eclgrmd.model.result import Result
from eclgrmd.products.result import result_of

from .memory import PassingSteps, StepMemory, recorded_steps
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

M = TypeVar("M", bound=StepMemory | PassingSteps)
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
    """Return what tables of many results show of a request, with the same values as a run.

    Raises
    ------
    InputError
        If a file or the configuration is invalid; the message says what would be right.
    """
    observation = read_files(request, unpacked)
    return _result(request, *_widened(request, observation, _Deaf(), _passing))


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
    """Return what tables of results show of data that were made in memory, not read from files.

    Parameters
    ----------
    request
        Burst and configuration; it has no files.
    observation
        The data.
    inputs
        Checksum of everything that the data depend on, for the keys of the steps.
    """
    return _result(request, *_analysed(request, observation, _Deaf(), inputs, _passing))


def analysed_and_widened(
    request: PipelineRequest, observation: Observation, log: Listener
) -> tuple[BurstAnalysis, StepMemory]:
    """Analyse the data near the trigger, and all data if the burst is not, or not fully, there."""
    return _widened(request, observation, log, _remembering)


def _widened(
    request: PipelineRequest,
    observation: Observation,
    log: Listener,
    steps: Callable[[PipelineRequest, Listener, str], M],
) -> tuple[BurstAnalysis, M]:
    near = _analysed(request, observation, log, request_sha256(request), steps)
    temporal = near[0].temporal
    wider = None if temporal is None else widened(request, temporal.durations)
    if wider is None:
        return near
    log.info("search widened", window=wider.text, found=wider.found)
    if wider.found:
        wide = replace(request, configuration=wider.configuration(request.configuration))
        analysis, memory = _analysed(wide, read_files(wide), log, request_sha256(wide), steps)
        memory.window_s = wider.window_s
    else:
        analysis, memory = with_searched(near[0], wider.window_s), near[1]
    return dataclasses.replace(analysis, flags=(*analysis.flags, *wider.flags)), memory


def _analysed(
    request: PipelineRequest,
    observation: Observation,
    log: Listener,
    inputs: str,
    steps: Callable[[PipelineRequest, Listener, str], M],
) -> tuple[BurstAnalysis, M]:
    memory = steps(request, log, inputs)
    analysis = analyse(
        observation,
        request.configuration,
        request.analysis,
        on_stage=log.begin,
        recall=memory,
        headline=isinstance(memory, PassingSteps),
    )
    return analysis, memory


def _remembering(request: PipelineRequest, log: Listener, inputs: str) -> StepMemory:
    earlier = Path(request.earlier) if request.earlier else None
    recorded = recorded_steps(earlier) if earlier else ()
    memory = StepMemory(request.configuration, inputs, earlier, recorded, key=key_of(request))
    if memory.changed:
        log.warning("stored steps changed or not from here", steps=list(memory.changed))
    return memory


def _passing(request: PipelineRequest, _log: Listener, inputs: str) -> PassingSteps:
    return PassingSteps(request.configuration, inputs)


def _result(
    request: PipelineRequest, analysis: BurstAnalysis, memory: StepMemory | PassingSteps
) -> Result:
    inputs = tuple(map(input_of, request.files))
    process = process_of(request, memory.records())
    return result_of(analysis, request.configuration, inputs, process)

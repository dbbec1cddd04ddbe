"""The figures of a result, drawn after it: nothing is computed again."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.errors import InputError
from eclgrmd.model.pipeline import FiguresOutcome, PipelineFile, PipelineRequest, Stage
from eclgrmd.model.result import Result
from eclgrmd.products.make import make_figures

from .deposit import deposit_all, disk_errors, sync_folder
from .earlier_run import read_earlier_run, repeated_request
from .memory import StoredSteps
from .reading import read_files
from .steps_key import key_of
from .task_log import LOG_NAME, TaskLog, logged_failures
from .widening import searching

__all__ = ["draw", "forget_analysis", "keep_analysis", "recalled_analysis"]


class _Kept(NamedTuple):
    """An analysis, with the request that it was made for."""

    analysis: BurstAnalysis
    request: PipelineRequest


_kept: dict[str, _Kept] = {}
"""The last analysis of this process by the folder of its products, unless it was forgotten."""


def keep_analysis(analysis: BurstAnalysis, request: PipelineRequest) -> None:
    """Keep an analysis until the next run of this process, for its figures."""
    _kept[request.output] = _Kept(analysis, request)


def forget_analysis() -> None:
    """Release the memory of the last analysis."""
    _kept.clear()


def draw(request: PipelineRequest, say: Callable[[Mapping[str, Any]], None]) -> FiguresOutcome:
    """Draw the figures of a result into the output folder, then move all to the other products.

    The analysis is the one that this process has just done. Otherwise it is put together from the
    files and the stored outcomes of the steps.

    Parameters
    ----------
    request
        Output folder, which is empty at the end; kept files, the inputs of the result among
        them; and as `earlier` the file with the outcomes of the steps, beside which the result is.
        All else is read from there.
    say
        Called with every line of the log.

    Raises
    ------
    InputError
        If a file is invalid or missing.
    PermanentError
        If a stored outcome is missing, or if the drawing fails.
    TransientError
        If the disk is full or missing: a retry later may succeed.
    """
    steps, folder = Path(request.earlier), Path(request.output)
    kept = _kept.get(str(steps.parent))
    forget_analysis()
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        with TaskLog(
            folder / LOG_NAME,
            burst_id=request.burst_id,
            task_id=request.task_id,
            report=lambda _stage: None,
            say=say,
        ) as log:
            with logged_failures(log, "drawing the figures"):
                analysis, made_for = kept or _recalled(request, log.begin)
                log.begin(Stage.FIGURES)
                figures = deposit_all(make_figures(analysis, made_for), folder, log)
            log.done(figures=len(figures))
        # The log is stored with that of the analysis, and is no product of its own.
        lines = tuple((folder / LOG_NAME).read_bytes().splitlines())
        (folder / LOG_NAME).unlink()
        for figure in figures:
            (folder / figure.name).replace(steps.parent / figure.name)
        sync_folder(steps.parent)
    return FiguresOutcome(products=figures, log=lines)


def recalled_analysis(request: PipelineRequest) -> tuple[BurstAnalysis, PipelineRequest]:
    """Return the analysis of a task from its files and the stored outcomes of its steps.

    Parameters
    ----------
    request
        As for `draw`.

    Returns
    -------
    tuple
        The analysis, and the request that it was made for.

    Raises
    ------
    InputError
        If a file is invalid or missing.
    PermanentError
        If a stored outcome is missing.
    """
    return _recalled(request, lambda _stage: None)


def _recalled(request: PipelineRequest, begin: Callable[[Stage], None]) -> _Kept:
    begin(Stage.READ)
    steps = Path(request.earlier)
    result = read_earlier_run(steps).result
    made_for = repeated_request(result, _inputs(result, request.files), request.output)
    stored = StoredSteps(steps, result.process.steps, key=key_of(request))
    searched = made_for
    if stored.window_s is not None:
        configuration = searching(made_for.configuration, stored.window_s)
        searched = replace(made_for, configuration=configuration)
    observation = read_files(searched)
    analysis = analyse(
        observation, searched.configuration, made_for.analysis, on_stage=begin, recall=stored
    )
    return _Kept(analysis, made_for)


def _inputs(result: Result, kept: tuple[PipelineFile, ...]) -> tuple[PipelineFile, ...]:
    """Return the kept files that were the inputs of a result, in their order."""
    by_content = {(file.name, file.sha256): file for file in kept}
    missing = [each.name for each in result.inputs if (each.name, each.sha256) not in by_content]
    if missing:
        raise InputError(f"{', '.join(missing)}: no longer here: send again and run the task again")
    return tuple(by_content[each.name, each.sha256] for each in result.inputs)

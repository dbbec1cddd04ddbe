"""Runs of the pipeline for a burst in Python: where products go, and when figures are drawn."""

import os
import shutil
import tempfile
from pathlib import Path

from msgspec.structs import replace

from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.model.pipeline import STEPS_NAME, PipelineRequest
from eclgrmd.model.result import Result
from eclgrmd.model.task import FiguresState, TaskType
from eclgrmd.pipeline import run
from eclgrmd.pipeline.drawing import draw
from eclgrmd.pipeline.output import whole_output
from eclgrmd.pipeline.task_log import LOG_NAME

__all__ = ["FilePath", "draw_figures", "made"]

FilePath = str | os.PathLike[str]
"""A path, as text or as an object."""
_PENDING = frozenset({FiguresState.QUEUED, FiguresState.LATER})


def made(
    request: PipelineRequest,
    output: FilePath | None,
    analysis: TaskType | None = None,
    unpacked: Unpacked | None = None,
) -> tuple[Result, Path, bool]:
    """Run the pipeline.

    Parameters
    ----------
    request
        Files and configuration; its folder for products is not used.
    output
        Folder for the products, figures too; None: a temporary one, without figures.
    analysis
        What to compute; None: what the request says.
    unpacked
        Has files that were unpacked before; None: none were.

    Returns
    -------
    tuple
        The result, the folder of the products, and whether the figures are still to be drawn.
    """
    wanted = request if analysis is None else replace(request, analysis=analysis)
    if output is None:
        folder = Path(tempfile.mkdtemp(prefix="eclgrmd-burst-"))
        try:
            result, pending = _run(wanted, folder, unpacked, figures=False)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return result, folder, pending
    with whole_output(Path(output)) as unfinished:
        result, pending = _run(wanted, unfinished, unpacked, figures=True)
    return result, Path(output), pending


def draw_figures(request: PipelineRequest) -> None:
    """Draw the figures of a request that was run, beside its other products."""
    folder = Path(request.output)
    beside = replace(
        request, output=str(folder / ".figures"), earlier=str(folder / STEPS_NAME), rerun_of=""
    )
    lines = draw(beside, lambda _line: None).log
    with (folder / LOG_NAME).open("ab") as log:
        log.writelines(line + b"\n" for line in lines)


def _run(
    request: PipelineRequest, folder: Path, unpacked: Unpacked | None, *, figures: bool
) -> tuple[Result, bool]:
    found: list[Result] = []
    outcome = run(
        replace(request, output=str(folder)),
        on_result=found.append,
        draw=figures,
        unpacked=unpacked,
    )
    return found[0], outcome.figures in _PENDING

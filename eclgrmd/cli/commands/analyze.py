"""`eclgrmd analyze`: analyses files without a daemon."""

import gc
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from eclgrmd.cli.options import ANALYSES, AnyPath, settings_option
from eclgrmd.cli.outcome import show_outcome, show_result
from eclgrmd.cli.screen import Screen
from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest, Stage
from eclgrmd.model.task import TaskType
from eclgrmd.offline.configuration import resolved

if TYPE_CHECKING:
    from eclgrmd.formats.fits.packed import Unpacked
    from eclgrmd.model.result import Result

__all__ = ["command"]

STAGES = {
    Stage.READ: "reading the files",
    Stage.TEMPORAL: "measuring durations",
    Stage.SPECTRAL: "fitting spectra",
    Stage.PRODUCTS: "writing the products",
    Stage.FIGURES: "drawing the figures",
}
"""Text of the progress bar for each stage."""
_COLLECTIONS = (50_000, 20, 100)
"""Thresholds of the garbage collector. A process that ends soon need not search the classes and
functions of the imported libraries for cycles again and again."""
_LONGEST_NAME = 100
"""Most characters of a burst's name, as in the database."""


def _time(text: str) -> float:
    """Return a finite number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise click.BadParameter(f"{text!r}: must be a number of seconds")
    return value


def _label(text: str) -> str:
    """Return the name of a burst; it is only displayed, so that any line of text is allowed."""
    if not text.isprintable() or len(text) > _LONGEST_NAME:
        raise click.BadParameter(
            f"{text!r}: must be one line of at most {_LONGEST_NAME} characters"
        )
    return text


@click.command(
    epilog="Exit status: 0 done (also when nothing significant was found), 1 the analysis failed, "
    "2 wrong input."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--output", required=True, metavar="DIR", help="Folder for the products.")
@click.option(
    "--trigger-time", type=_time, metavar="T", help="t0, seconds of the mission's time (MET)."
)
@click.option(
    "--config",
    type=AnyPath(),
    metavar="TASK.yaml",
    help="Task configuration file (YAML, JSON or TOML).",
)
@settings_option
@click.option(
    "--burst-id",
    type=_label,
    metavar="ID",
    help="Name of the burst.  [default: from the headers, else from the first file's name]",
)
@click.option(
    "--analysis",
    type=ANALYSES,
    default=TaskType.BURST.value,
    show_default=True,
    help="What to compute, as far as the data allow.",
)
def command(
    files: tuple[str, ...],
    output: str,
    trigger_time: float | None,
    config: Path | None,
    settings: Path | None,
    burst_id: str | None,
    analysis: str,
) -> int:
    """Analyse the data files of a burst, or folders of them, without any service.

    Files are recognised by their headers. Durations are measured, spectra fitted, and the products
    written: result.json, a summary, figures, OGIP FITS files and a log.
    """
    gc.set_threshold(*_COLLECTIONS)
    screen, errors = Screen(), Screen(stderr=True, soft_wrap=True, highlight=False)
    changes = {} if trigger_time is None else {"trigger_time_s": trigger_time}
    wanted = resolved(settings, config, changes)

    # Numerics take seconds to import; wrong arguments are reported before that.
    from eclgrmd.formats.fits.packed import Unpacked
    from eclgrmd.offline.inputs import find_files
    from eclgrmd.offline.request import request_for

    with Unpacked() as unpacked:
        inputs = find_files(files, lambda text: errors.print(text, markup=False), unpacked)
        request = request_for(
            inputs, wanted, output, analysis=TaskType(analysis), burst_id=burst_id or ""
        )
        outcome = _analyse(request, unpacked, screen, errors)
    show_outcome(request.output, outcome, screen)
    return 0


def _analyse(
    request: PipelineRequest, unpacked: "Unpacked", screen: Console, console: Console
) -> PipelineOutcome:
    """Run the pipeline with a progress bar, and print the results before any product is written."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("starting", total=len(STAGES))

        def show(result: "Result") -> None:
            progress.stop()  # the bar would be drawn into the table
            show_result(result, screen)
            progress.start()

        # Numerics take seconds to import; wrong arguments are reported before that.
        from eclgrmd.cli.second_compiler import fits_compiled_meanwhile
        from eclgrmd.pipeline import run as run_pipeline
        from eclgrmd.pipeline.output import whole_output

        with whole_output(Path(request.output)) as folder, fits_compiled_meanwhile() as before:

            def report(stage: Stage) -> None:
                done = list(STAGES).index(stage)
                progress.update(task, description=STAGES[stage], completed=done)
                before(stage)

            placed = replace(request, output=str(folder))
            return run_pipeline(placed, report, on_result=show, unpacked=unpacked)

"""`eclgrmd analyze`: analyses files without a daemon."""

import argparse
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.outcome import show_outcome, show_result
from eclgrmd.cli.screen import Screen
from eclgrmd.model.configuration.layers import Resolved
from eclgrmd.model.names import identifier_from
from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest, Stage
from eclgrmd.model.task import TaskType

from .configuration import add_layers, resolved

if TYPE_CHECKING:
    from eclgrmd.cli.inputs import Inputs
    from eclgrmd.model.result import Result

__all__ = ["add_parser", "run"]

STAGES = {
    Stage.READ: "reading the files",
    Stage.TEMPORAL: "measuring durations",
    Stage.SPECTRAL: "fitting spectra",
    Stage.PRODUCTS: "writing the products",
    Stage.FIGURES: "drawing the figures",
}
"""Text of the progress bar for each stage."""
_LONGEST_NAME = 100
"""Most characters of a burst's name, as in the database."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "analyze",
        help="analyse the files of a burst, without any service",
        description="Recognise files by their headers, measure durations, fit spectra, and write "
        "the products: result.json, a summary, figures, OGIP FITS files and a log.",
        epilog="Exit status: 0 done (also when nothing significant was found), 1 the analysis "
        "failed, 2 wrong input.",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="data file, or folder with data files"
    )
    parser.add_argument("--output", required=True, metavar="DIR", help="folder for the products")
    parser.add_argument(
        "--trigger-time", type=_time, metavar="T", help="t0, seconds of the mission's time (MET)"
    )
    parser.add_argument(
        "--config", metavar="TASK.yaml", help="task configuration file (YAML, JSON or TOML)"
    )
    add_layers(parser)
    parser.add_argument(
        "--burst-id",
        type=_label,
        metavar="ID",
        help="name of the burst (default: from the headers, else from the first file's name)",
    )
    parser.add_argument(
        "--analysis",
        type=TaskType,
        choices=list(TaskType),
        default=TaskType.BURST,
        help="what to compute (default: %(default)s, as far as the data allow)",
    )


def run(args: argparse.Namespace) -> int:
    """Analyse the files, print the results, and return the exit status."""
    screen, errors = Screen(), Screen(stderr=True, soft_wrap=True, highlight=False)
    wanted = _configuration(args)

    # Numerics take seconds to import; wrong arguments are reported before that.
    from eclgrmd.cli.inputs import find_files

    inputs = find_files(args.files, lambda text: errors.print(text, markup=False))
    request = PipelineRequest(
        task_id="analyze",
        burst_id=args.burst_id or _burst_id(inputs),
        files=inputs.files,
        output=args.output,
        analysis=args.analysis,
        configuration=wanted.configuration,
        sources=wanted.sources,
        flags=inputs.flags,
    )
    outcome = _analyse(request, screen, errors)
    show_outcome(request.output, outcome, screen)
    return 0


def _burst_id(inputs: "Inputs") -> str:
    """Return the burst that the headers name, else the name of the first file."""
    stem = inputs.files[0].name.split(".")[0]
    return identifier_from(inputs.object_name) or identifier_from(stem) or "unnamed"


def _time(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r}: must be a number of seconds")
    return value


def _label(text: str) -> str:
    """Return the name of a burst; it is only displayed, so that any line of text is allowed."""
    if not text.isprintable() or len(text) > _LONGEST_NAME:
        raise argparse.ArgumentTypeError(
            f"{text!r}: must be one line of at most {_LONGEST_NAME} characters"
        )
    return text


def _configuration(args: argparse.Namespace) -> Resolved:
    changes = {} if args.trigger_time is None else {"trigger_time_s": args.trigger_time}
    return resolved(args.settings, args.config, changes)


def _analyse(request: PipelineRequest, screen: Console, console: Console) -> PipelineOutcome:
    """Run the pipeline with a progress bar, and print the results before any product is written."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("starting", total=len(STAGES))

        def report(stage: Stage) -> None:
            done = list(STAGES).index(stage)
            progress.update(task, description=STAGES[stage], completed=done)

        def show(result: "Result") -> None:
            progress.stop()  # the bar would be drawn into the table
            show_result(result, screen)
            progress.start()

        # Numerics take seconds to import; wrong arguments are reported before that.
        from eclgrmd.pipeline import run as run_pipeline
        from eclgrmd.pipeline.output import whole_output

        with whole_output(Path(request.output)) as folder:
            return run_pipeline(replace(request, output=str(folder)), report, on_result=show)

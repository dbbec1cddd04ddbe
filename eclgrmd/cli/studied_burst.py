"""The burst that a study is about: the products of a run, or data files."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from msgspec.structs import replace
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.pipeline import STEPS_NAME
from eclgrmd.model.task import TaskType
from eclgrmd.offline.configuration import resolved

from .options import AnyPath, data_option, settings_option
from .screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from eclgrmd.analysis.burst import BurstAnalysis

__all__ = ["StudiedBurst", "counted_on_screen", "studied_burst", "study_command", "write_study"]

_OPTIONS = (
    click.argument("names", nargs=-1, required=True, type=click.Path(), metavar="FOLDER|FILE..."),
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed."),
    click.option(
        "--output", type=AnyPath(), metavar="DIR", help="Folder.  [default: that of result.json]"
    ),
    click.option(
        "--config", type=AnyPath(), metavar="TASK.yaml", help="Configuration of data files."
    ),
    data_option,
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        default=os.cpu_count() or 1,
        metavar="N",
        help="Processes.  [default: one for each core]",
    ),
    settings_option,
)


def study_command(function: "Callable[..., int]") -> click.Command:
    """Return the command of a study, with the argument and the options that all studies have."""
    for option in reversed(_OPTIONS):
        function = option(function)
    epilog = "Exit status: 0 written, 1 the analysis failed, 2 wrong input."
    return click.command(epilog=epilog)(function)


class StudiedBurst(NamedTuple):
    """A burst, analysed by its own configuration."""

    analysis: "BurstAnalysis"
    """Data and results."""
    configuration: TaskConfiguration
    """The configuration."""
    folder: Path
    """Folder for the file of the study: that of result.json."""


def studied_burst(
    names: Sequence[str],
    *,
    data: Sequence[Path],
    output: Path | None,
    config: Path | None,
    settings: Path | None,
) -> StudiedBurst:
    """Return the burst of a folder with result.json, or of data files, analysed.

    Parameters
    ----------
    names
        One folder that `analyze` wrote, whose configuration is used and whose steps are reused, or
        data files.
    data
        Where the inputs of that folder are now.
    output
        Folder for the file of the study; None: that of result.json.
    config, settings
        Configuration of data files.

    Raises
    ------
    InputError
        If data files have no `--output`, or an option does not fit.
    """
    from eclgrmd.offline.inputs import find_files
    from eclgrmd.offline.request import request_for
    from eclgrmd.pipeline.analysed import analysis_of_request
    from eclgrmd.pipeline.earlier_run import read_earlier_run, replay_request

    folder = Path(names[0])
    if len(names) == 1 and (folder / "result.json").exists():
        if config is not None:
            raise InputError(f"{folder} has its own configuration: --config is for data files")
        request = replay_request(read_earlier_run(folder), folder, data)
        steps = folder / STEPS_NAME
        request = replace(request, earlier=str(steps) if steps.exists() else "")
        return StudiedBurst(analysis_of_request(request), request.configuration, output or folder)
    if output is None:
        raise InputError(
            "--output is needed for data files; without it name one folder that `eclgrmd analyze` "
            "wrote"
        )
    errors = Screen(stderr=True, soft_wrap=True, highlight=False)
    wanted = resolved(settings, config)
    inputs = find_files(names, lambda text: errors.print(text, markup=False))
    request = request_for(inputs, wanted, str(output), analysis=TaskType.BURST)
    return StudiedBurst(analysis_of_request(request), request.configuration, output)


def write_study(folder: Path, name: str, content: bytes) -> Path:
    """Write the file of a study, whole or not at all, and return its path.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    path, unfinished = folder / name, folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    return path


@contextmanager
def counted_on_screen(what: str, total: int) -> "Iterator[Callable[[int], None]]":
    """Show a bar with the time left on a terminal; yield what takes the number that are done."""
    console = Screen(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda number: progress.update(task, completed=number)

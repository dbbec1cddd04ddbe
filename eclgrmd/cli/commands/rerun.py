"""`eclgrmd rerun`: repeats a task with changed configuration keys."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.cli.address import daemon_url
from eclgrmd.cli.changes import changes_from, config_option, rerun_options, set_option
from eclgrmd.cli.options import AnyPath, data_option, settings_option, url_option
from eclgrmd.cli.token import token_from, token_option
from eclgrmd.errors import InputError
from eclgrmd.model.task import TaskState, TaskType

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


class _Options(Struct, frozen=True, forbid_unknown_fields=True):
    """The options of the command."""

    output: Path | None
    data: tuple[Path, ...]
    sets: tuple[str, ...]
    config: Path | None
    new_id: str | None
    analysis: str | None
    wait: bool
    settings: Path | None
    url: str | None
    token_file: Path | None


@click.command(
    epilog="Exit status: 0 sent (with --wait: done), 1 the task failed or the daemon does not "
    "respond, 2 wrong input."
)
@click.argument("task", type=click.Path(), metavar="TASK")
@click.option(
    "--output",
    type=AnyPath(),
    metavar="DIR",
    help="Folder for the new products (only to repeat a folder).",
)
@data_option
@set_option
@config_option
@rerun_options
@settings_option
@url_option
@token_option
def command(task: str, **options: Any) -> int:
    """Repeat a task with changed keys of its configuration.

    TASK is the id of a task of the daemon, or a folder of products that `analyze` made. Steps that
    the changes do not touch are reused; the result is that of a full run, bit for bit.
    """
    wanted = _Options(**options)
    if Path(task).is_dir():
        return _rerun_here(Path(task), wanted)
    if wanted.output or wanted.data:
        raise InputError(
            f"{task} is no folder and therefore taken for a task of the daemon, which has its "
            "own files: --output and --data are only for a folder of products"
        )
    from eclgrmd.client import Client

    with Client(
        daemon_url(wanted.url, wanted.settings), token=token_from(wanted.token_file)
    ) as client:
        sent = client.rerun(
            task,
            changes_from(wanted.config, wanted.sets),
            analysis=TaskType(wanted.analysis) if wanted.analysis else None,
            new_id=wanted.new_id,
        )
        touched, kept = ", ".join(sent.plan.touched), ", ".join(sent.plan.kept)
        sys.stdout.write(f"task {sent.id}\nsteps touched: {touched}\nsteps kept: {kept}\n")
        return _wait(client, sent.id) if wanted.wait else 0


def _rerun_here(folder: Path, wanted: _Options) -> int:
    """Repeat a folder of products without a daemon."""
    if wanted.output is None:
        raise InputError(f"{folder} is a folder: name a folder for the products with --output")
    if wanted.new_id:
        raise InputError(f"{folder} is a folder: --id is only for a task of the daemon")
    changes = changes_from(wanted.config, wanted.sets)

    # Numerics take seconds to import; wrong arguments are reported before that.
    from eclgrmd.cli.outcome import show_outcome, show_result
    from eclgrmd.cli.screen import Screen
    from eclgrmd.pipeline import run as run_pipeline
    from eclgrmd.pipeline.earlier_run import read_earlier_run, rerun_request
    from eclgrmd.pipeline.output import whole_output

    request = rerun_request(read_earlier_run(folder), changes, wanted.output, wanted.data)
    if wanted.analysis:
        request = replace(request, analysis=TaskType(wanted.analysis))
    screen = Screen()
    with whole_output(wanted.output) as unfinished:
        outcome = run_pipeline(
            replace(request, output=str(unfinished)),
            on_result=lambda result: show_result(result, screen),
        )
    show_outcome(request.output, outcome, screen)
    reused = ", ".join(outcome.summary.steps_reused) or "none"
    sys.stdout.write(f"steps reused: {reused}\n")
    return 0


def _wait(client: "Client", task_id: str) -> int:
    sys.stdout.flush()
    task = client.wait(task_id)
    reused = ", ".join((task.summary or {}).get("steps_reused", ())) or "none"
    sys.stdout.write(f"{task_id} is {task.state}: {task.reason}\nsteps reused: {reused}\n")
    return 0 if task.state is TaskState.DONE else 1

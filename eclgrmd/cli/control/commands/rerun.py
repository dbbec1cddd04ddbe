"""`eclgrmctl rerun`: repeats a task with changed keys of its configuration."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.changes import changes_from, config_option, rerun_options, set_option
from eclgrmd.cli.control.following import sent
from eclgrmd.cli.control.server import connected, task_argument
from eclgrmd.cli.options import json_option
from eclgrmd.model.task import TaskType

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 sent (with --wait: done), 1 the task failed or was cancelled, or the "
    "daemon does not respond, 2 wrong input."
)
@task_argument
@set_option
@config_option
@rerun_options
@json_option
@connected
def command(
    client: "Client",
    task: str,
    sets: tuple[str, ...],
    config: Path | None,
    new_id: str | None,
    analysis: str | None,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    """Repeat a task with changed keys of its configuration.

    Steps that the changes do not touch are reused; the result is that of a full run, bit for bit.
    """
    new = client.rerun(
        task,
        changes_from(config, sets),
        analysis=TaskType(analysis) if analysis else None,
        new_id=new_id,
    )
    return sent(client, new, wait=wait, as_json=as_json)

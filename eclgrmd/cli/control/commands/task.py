"""`eclgrmctl task`: shows a task, or follows it."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.following import follow
from eclgrmd.cli.control.server import connected, task_argument
from eclgrmd.cli.control.shown import show_json
from eclgrmd.cli.control.task_text import show_task
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 shown (with --follow: done), 1 the task failed or was cancelled, or "
    "the daemon does not respond, 2 wrong input."
)
@task_argument
@click.option("--follow", "following", is_flag=True, help="Print changes until the task has ended.")
@json_option
@connected
def command(client: "Client", task: str, *, following: bool, as_json: bool) -> int:
    """Show a task with its state changes, results and products."""
    if following:
        return follow(client, task, as_json=as_json)
    found = client.task(task)
    if as_json:
        show_json(found)
    else:
        show_task(found)
    return 0

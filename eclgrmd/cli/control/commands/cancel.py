"""`eclgrmctl cancel`: cancels a task."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import connected, task_argument
from eclgrmd.cli.control.shown import show_json
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(epilog="Exit status: 0 cancelled, 1 no answer, 2 the task has ended before.")
@task_argument
@json_option
@connected
def command(client: "Client", task: str, *, as_json: bool) -> int:
    """Cancel a task that has not ended."""
    found = client.cancel(task)
    if as_json:
        show_json(found)
    else:
        click.echo(f"{found.id} is {found.state}: {found.reason}")
    return 0

"""`eclgrmctl tasks`: lists tasks."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import complete_bursts, connected
from eclgrmd.cli.control.shown import TASK_HEADINGS, show_json, show_table, task_row
from eclgrmd.cli.options import json_option
from eclgrmd.model.task import TaskState

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@click.option(
    "--burst",
    default="",
    metavar="BURST",
    shell_complete=complete_bursts,
    help="Only tasks of this burst.",
)
@click.option(
    "--state",
    type=click.Choice([state.value for state in TaskState]),
    help="Only tasks in this state.",
)
@json_option
@connected
def command(client: "Client", burst: str, state: str | None, *, as_json: bool) -> int:
    """List tasks by the time at which they were received."""
    tasks = [*client.tasks(burst_id=burst, state=state or "")]
    if as_json:
        show_json(tasks)
    else:
        show_table(("burst", *TASK_HEADINGS), [(t.burst_id, *task_row(t)) for t in tasks])
    return 0

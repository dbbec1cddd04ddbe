"""`eclgrmctl tasks`: lists tasks."""

from typing import TYPE_CHECKING, Any

import click

from eclgrmd.cli.control.listing import asked, choice, sort_option, text_option
from eclgrmd.cli.control.server import complete_bursts, connected
from eclgrmd.cli.control.shown import TASK_HEADINGS, show_json, show_table, task_row
from eclgrmd.cli.options import ANALYSES, json_option
from eclgrmd.model.rest.queries import AgeOrder, TaskQuery
from eclgrmd.model.task import TaskState

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@click.option(
    "--burst",
    "burst_id",
    metavar="BURST",
    shell_complete=complete_bursts,
    help="Only tasks of this burst.",
)
@click.option("--state", type=choice(TaskState), help="Only tasks in this state.")
@click.option("--analysis", type=ANALYSES, help="Only tasks of this analysis.")
@click.option("--origin", type=click.Choice(["automatic", "sent"]), help="Only tasks made so.")
@click.option("--from", "created_from", metavar="TIME", help="Only those received then or later.")
@click.option("--to", "created_to", metavar="TIME", help="Only those received before.")
@text_option("Only tasks with this in their id, burst or reason.")
@sort_option(AgeOrder)
@json_option
@connected
def command(client: "Client", *, as_json: bool, **filters: Any) -> int:
    """List tasks by the time (UTC) at which they were received."""
    tasks = [*client.tasks(asked(filters, TaskQuery))]
    if as_json:
        show_json(tasks)
    else:
        show_table(("burst", *TASK_HEADINGS), [(t.burst_id, *task_row(t)) for t in tasks])
    return 0

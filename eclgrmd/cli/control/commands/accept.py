"""`eclgrmctl accept`: accepts a run of a burst as its result of record."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, complete_tasks, connected
from eclgrmd.cli.control.shown import moment, show_json, show_table
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]

_HEADINGS = ("when (UTC)", "who", "what", "task", "reason")


@click.command(epilog="Exit status: 0 done, 1 no answer, 2 the daemon refused it.")
@burst_argument
@click.argument("task", default="", metavar="[TASK]", shell_complete=complete_tasks)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with your name.")
@click.option("--withdraw", is_flag=True, help="Withdraw the result of record instead.")
@click.option("--history", is_flag=True, help="Only show what was decided about the burst.")
@json_option
@connected
def command(
    client: "Client",
    burst: str,
    task: str,
    *,
    reason: str,
    withdraw: bool,
    history: bool,
    as_json: bool,
) -> int:
    """Accept a run of a burst as its result of record, or withdraw it again.

    Lists of bursts and the catalogue then show this run. Your name is that of your token.
    """
    if not history:
        _check(task, reason, withdraw=withdraw)
    if not history and withdraw:
        client.withdraw(burst, reason)
    elif not history:
        client.accept(burst, task, reason)
    found = list(client.decisions(burst))
    if as_json:
        show_json(found)
    elif history:
        rows = ((moment(e.at), e.who, e.kind, e.task_id or "", e.reason) for e in found)
        show_table(_HEADINGS, rows)
    else:
        now = "there is none" if withdraw else f"it is that of task {task}"
        click.echo(f"result of record of burst {burst}: {now}")
    return 0


def _check(task: str, reason: str, *, withdraw: bool) -> None:
    if not reason:
        raise click.UsageError("--reason is missing: say why")
    if withdraw == bool(task):
        raise click.UsageError("name a task, or give --withdraw, not both")

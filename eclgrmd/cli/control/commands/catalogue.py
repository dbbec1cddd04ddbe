"""`eclgrmctl catalogue`: downloads a table of results."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.catalogue import chosen_format, format_option
from eclgrmd.cli.control.server import complete_bursts, complete_tasks, connected
from eclgrmd.cli.options import AnyPath

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@click.option("--output", type=AnyPath(), required=True, metavar="FILE", help="File to write.")
@format_option("by the suffix of --output")
@click.option(
    "--burst",
    default="",
    metavar="BURST",
    shell_complete=complete_bursts,
    help="Only results of this burst.",
)
@click.option(
    "--after",
    default="",
    metavar="TASK",
    shell_complete=complete_tasks,
    help="Begin after this task: a table has at most 1,000 results.",
)
@connected
def command(client: "Client", output: Path, chosen: str | None, burst: str, after: str) -> int:
    """Download a table of results, one row for each."""
    following = client.catalogue(output, chosen_format(chosen, output), burst_id=burst, after=after)
    click.echo(output)
    if following:
        click.echo(f"there are more results: repeat with --after {following}", err=True)
    return 0

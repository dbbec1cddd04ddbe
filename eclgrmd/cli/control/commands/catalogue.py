"""`eclgrmctl catalogue`: downloads a table of results."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import complete_bursts, complete_tasks, connected
from eclgrmd.cli.options import AnyPath
from eclgrmd.model.catalogue import CatalogueFormat

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@click.option("--output", type=AnyPath(), required=True, metavar="FILE", help="File to write.")
@click.option(
    "--format",
    "kind",
    type=click.Choice([kind.value for kind in CatalogueFormat]),
    default=CatalogueFormat.VOTABLE.value,
    show_default=True,
    help="Format of the table.",
)
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
def command(client: "Client", output: Path, kind: str, burst: str, after: str) -> int:
    """Download a table of results, one row for each."""
    following = client.catalogue(output, CatalogueFormat(kind), burst_id=burst, after=after)
    click.echo(output)
    if following:
        click.echo(f"there are more results: repeat with --after {following}", err=True)
    return 0

"""`eclgrmctl compare`: prints what changed between two tasks of a burst."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.comparison_text import comparison_lines
from eclgrmd.cli.control.server import complete_tasks, connected
from eclgrmd.cli.control.shown import show_json
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@click.argument("before", metavar="BEFORE", shell_complete=complete_tasks)
@click.argument("after", metavar="AFTER", shell_complete=complete_tasks)
@json_option
@connected
def command(client: "Client", before: str, after: str, *, as_json: bool) -> int:
    """Print what changed between two tasks of a burst.

    Shown are keys of the configuration, values with their errors, and differences in sigma (both
    errors in quadrature; two runs on the same data share their noise).
    """
    found = client.compare(before, after)
    if as_json:
        show_json(found)
    else:
        for line in comparison_lines(found):
            click.echo(line)
    return 0

"""`eclgrmctl claim`: takes a burst."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, connected
from eclgrmd.cli.control.shown import show_json
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(epilog="Exit status: 0 taken, 1 no answer, 2 another has it.")
@burst_argument
@click.option("--note", default="", metavar="TEXT", help="What to tell the others.")
@click.option("--take-over", is_flag=True, help="Take it even if another has it.")
@json_option
@connected
def command(client: "Client", burst: str, note: str, *, take_over: bool, as_json: bool) -> int:
    """Take a burst, so that the others need not.

    Your name is that of your token.
    """
    found = client.claim(burst, note, take_over=take_over)
    if as_json:
        show_json(found)
    else:
        click.echo(f"{found.by} has burst {burst}")
    return 0

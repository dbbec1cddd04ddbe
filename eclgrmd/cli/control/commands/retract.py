"""`eclgrmctl retract`: withdraws a burst."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, connected

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@burst_argument
@click.option("--reason", default="", metavar="TEXT", help="Why the burst is withdrawn.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@connected
def command(client: "Client", burst: str, reason: str, *, yes: bool) -> int:
    """Withdraw a burst by a notice, which is announced.

    A later notice of the mission revives it.
    """
    client.burst(burst)  # an unknown burst would become known by its retraction
    if not yes:
        click.confirm(f"withdraw burst {burst}?", abort=True)
    client.retract(burst, reason)
    click.echo(f"{burst} is withdrawn")
    return 0

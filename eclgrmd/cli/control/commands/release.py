"""`eclgrmctl release`: releases a burst."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, connected

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(epilog="Exit status: 0 nobody has it now, 1 no answer, 2 another has it.")
@burst_argument
@connected
def command(client: "Client", burst: str) -> int:
    """Release a burst that you have; another may then take it."""
    client.release(burst)
    click.echo(f"nobody has burst {burst}")
    return 0

"""`eclgrmctl bursts`: lists the bursts."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import connected
from eclgrmd.cli.control.shown import moment, show_json, show_table
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]

_HEADINGS = ("burst", "t0 (UTC)", "data", "tasks", "products", "first named")


@click.command
@json_option
@connected
def command(client: "Client", *, as_json: bool) -> int:
    """List all bursts with the number of their files, tasks and products."""
    bursts = [*client.bursts()]
    if as_json:
        show_json(bursts)
        return 0
    show_table(
        _HEADINGS,
        [
            (b.id, b.t0_utc or "", b.data_files, b.tasks, b.products, moment(b.created_at))
            for b in bursts
        ],
    )
    return 0

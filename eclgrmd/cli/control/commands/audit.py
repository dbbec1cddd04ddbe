"""`eclgrmctl audit`: shows who changed what."""

from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import connected
from eclgrmd.cli.control.shown import moment, show_json, show_table
from eclgrmd.cli.options import json_option

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]

_HEADINGS = ("when (UTC)", "who", "from", "what", "of", "before", "after")


@click.command
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N changes.")
@json_option
@connected
def command(client: "Client", last: int | None, *, as_json: bool) -> int:
    """Show who changed what, from where and when, oldest first.

    This needs a token of role operator. Packets are not in the audit.
    """
    found = list(client.audit())[-(last or 0) :]
    if as_json:
        show_json(found)
        return 0
    rows = (
        (moment(e.at), e.who, e.address, e.action, e.subject, e.before or "", e.after or "")
        for e in found
    )
    show_table(_HEADINGS, rows)
    return 0

"""`eclgrmctl status`: shows whether the daemon and all that it needs work."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins
from rich.text import Text

from eclgrmd.cli.control.server import connected
from eclgrmd.cli.control.shown import Cell, show_json, show_rows
from eclgrmd.cli.options import json_option
from eclgrmd.model.rest.service import Ready

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(epilog="Exit status: 0 ready, 1 not ready or no answer.")
@json_option
@connected
def command(client: "Client", *, as_json: bool) -> int:
    """Show whether the daemon and all that it needs work."""
    health, status = client.health(), client.status()
    if as_json:
        show_json({"health": health, "status": status})
    else:
        show_rows([("service", status.info), *_rows(health)])
    return 0 if health.ready else 1


def _rows(health: Ready) -> Iterator[tuple[str, Cell]]:
    yield "ready", _yes("yes", "" if health.ready else "no")
    for name, part in to_builtins(health).items():
        if isinstance(part, dict) and "ok" in part:
            yield name, _yes("works", part["fault"])
    yield "workers busy", f"{health.workers.busy} of {health.workers.alive}"
    yield "tasks open", f"{health.tasks.open} of at most {health.tasks.most}"


def _yes(text: str, fault: str) -> Text:
    return Text(fault, style="red") if fault else Text(text, style="green")

"""`eclgrmctl events`: prints live events."""

from datetime import datetime
from typing import TYPE_CHECKING, cast, get_args

import click

from eclgrmd.cli.control.server import complete_bursts, complete_tasks, connected
from eclgrmd.cli.control.shown import moment, show_json_line
from eclgrmd.cli.options import json_option
from eclgrmd.model.plain_text import valid_text
from eclgrmd.model.rest.queries import EventKind

if TYPE_CHECKING:
    from eclgrmd.client import Client
    from eclgrmd.client.event_calls import LiveEvent

__all__ = ["command"]

_TOLD = ("state", "change", "who", "figures", "why", "name", "info", "reason")
"""Fields of messages that are printed, in this order."""


@click.command
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(get_args(EventKind)), help="Only this kind."
)
@click.option(
    "--burst",
    default="",
    metavar="ID",
    shell_complete=complete_bursts,
    help="Only events about this burst.",
)
@click.option(
    "--task",
    default="",
    metavar="ID",
    shell_complete=complete_tasks,
    help="Only events about this task.",
)
@click.option("--after", default="", metavar="MARK", help="Begin after this mark, as --json shows.")
@json_option
@connected
def command(
    client: "Client",
    kinds: tuple[str, ...],
    *,
    burst: str,
    task: str,
    after: str,
    as_json: bool,
) -> int:
    """Print events of data, tasks, products, the quick look and decisions as they happen.

    It goes on, also across restarts of the daemon, until you interrupt it.
    """
    wanted = cast(tuple[EventKind, ...], kinds)
    for event in client.events(kinds=wanted, burst_id=burst, task_id=task, mark=after):
        if as_json:
            show_json_line(event._asdict())
        else:
            click.echo(_text(event))
    return 0


def _text(event: "LiveEvent") -> str:
    if event.message is None:
        return "some events are no longer kept: list what you need anew"
    message = event.message
    about = getattr(message, "task_id", "") or getattr(message, "burst_id", "")
    told = (str(getattr(message, field, "")) for field in _TOLD)
    when = moment(datetime.fromisoformat(message.at))
    return valid_text(f"{when}  {event.kind:12} {about}  {' '.join(filter(None, told))}".rstrip())

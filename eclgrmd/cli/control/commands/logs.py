"""`eclgrmctl logs`: prints the log of a task."""

import json
from typing import TYPE_CHECKING, Any

import click

from eclgrmd.cli.control.server import connected, task_argument
from eclgrmd.cli.options import json_option
from eclgrmd.model.plain_text import valid_text

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]

_LEFT_OUT = {"timestamp", "level", "event", "task_id", "burst_id"}
"""Fields that each line has, and those that are printed first."""


@click.command
@task_argument
@click.option("--follow", "following", is_flag=True, help="Print lines until the task has ended.")
@json_option
@connected
def command(client: "Client", task: str, *, following: bool, as_json: bool) -> int:
    """Print the log of a task: its state changes and the lines of its workers, by time."""
    for line in client.follow_logs(task) if following else client.logs(task):
        click.echo(json.dumps(line) if as_json else _text(line))
    return 0


def _text(line: dict[str, Any]) -> str:
    fields = (f"{key}={value}" for key, value in line.items() if key not in _LEFT_OUT and value)
    when, level = str(line.get("timestamp", ""))[:23], line.get("level", "")
    return valid_text(f"{when:23} {level:8} {line.get('event', '')}  {' '.join(fields)}".rstrip())

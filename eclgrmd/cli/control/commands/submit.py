"""`eclgrmctl submit`: submits a task."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.changes import changes_from, config_option, set_option
from eclgrmd.cli.control.following import sent
from eclgrmd.cli.control.server import burst_argument, connected
from eclgrmd.cli.options import ANALYSES, json_option
from eclgrmd.errors import InputError
from eclgrmd.model.task import TaskType

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 sent (with --wait: done), 1 the task failed or was cancelled, or the "
    "daemon does not respond, 2 wrong input."
)
@burst_argument
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--analysis",
    type=ANALYSES,
    default=TaskType.BURST.value,
    show_default=True,
    help="What to compute, as far as the data allow.",
)
@set_option
@config_option
@click.option(
    "--id", "task_id", default="", metavar="ID", help="Id of the task.  [default: from its content]"
)
@click.option("--wait", is_flag=True, help="Wait until the task has ended.")
@json_option
@connected
def command(
    client: "Client",
    burst: str,
    names: tuple[str, ...],
    analysis: str,
    sets: tuple[str, ...],
    config: Path | None,
    task_id: str,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    """Submit a task for data files of a burst.

    Each NAME is a data file of the burst; without any, all that were accepted are analysed. The
    task waits until files that are named have arrived.
    """
    task = client.submit(
        burst,
        names or _accepted(client, burst),
        analysis=TaskType(analysis),
        configuration=changes_from(config, sets),
        task_id=task_id,
    )
    return sent(client, task, wait=wait, as_json=as_json)


def _accepted(client: "Client", burst: str) -> list[str]:
    """Return the names of all files of a burst that can be analysed."""
    here = [file for file in client.data(burst) if file.state == "accepted"]
    names = list(dict.fromkeys(file.name for file in here if file.cleaned_at is None))
    if not names:
        raise InputError(f"burst {burst!r} has no data files: upload some, or name those to come")
    return names

"""`eclgrmctl spectra`: writes fitted spectra as numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.columns import output_option, spectrum_rows, write_columns
from eclgrmd.cli.control.server import connected, task_argument

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@task_argument
@click.option(
    "--interval",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Number of the interval; 0 is the reference.",
)
@output_option
@connected
def command(client: "Client", task: str, interval: int, output: Path | None) -> int:
    """Write the spectra of an interval with folded models, one row for each bin and model.

    A .json file has the curves of the models and the fits, too.
    """
    found = client.spectra(task, interval)
    write_columns(found, spectrum_rows(found), output)
    return 0

"""`eclgrmctl upload`: uploads data files of a burst."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, connected
from eclgrmd.cli.control.shown import show_json, show_table
from eclgrmd.cli.control.transfers import bars
from eclgrmd.cli.options import AnyPath, json_option
from eclgrmd.errors import InputError

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 all files were accepted, 1 the daemon does not respond, 2 a file was "
    "refused."
)
@burst_argument
@click.argument("files", nargs=-1, required=True, type=AnyPath(), metavar="FILE...")
@json_option
@connected
def command(client: "Client", burst: str, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Upload data files of a burst.

    The daemon verifies their checksums, recognises them by their headers, and refuses what it
    cannot read. Files that it has already are not sent again.
    """
    taken, refused = [], []
    with bars() as bar:
        for file in files:
            try:
                taken.append(client.upload(burst, file, progress=bar(file.name)))
            except InputError as error:
                refused.append(f"{file}: {error}")
    if as_json:
        show_json(taken)
    elif taken:
        rows = [(each.name, each.instrument or "", each.kind or "", each.size) for each in taken]
        show_table(("file", "instrument", "kind", "bytes"), rows)
    if refused:
        raise InputError("\n".join(refused))
    return 0

"""`eclgrmd backup`: writes a backup of the database and of all files."""

import asyncio
import os
import sys
from pathlib import Path

import click

from eclgrmd.cli.options import AnyPath, settings_option

__all__ = ["command"]


@click.command
@click.argument("folder", type=AnyPath(), metavar="DIR")
@settings_option
def command(folder: Path, settings: Path | None) -> int:
    """Write a snapshot of the tables and all files that they name into a new or empty folder.

    The files are checked by their checksums. A running daemon is not disturbed. Run this as the
    daemon's user.
    """
    from eclgrmd.daemon.backup import back_up
    from eclgrmd.settings.load import load_settings

    written = asyncio.run(back_up(load_settings(settings, os.environ), folder.absolute()))
    rows = sum(table.rows for table in written.tables.tables)
    sys.stdout.write(
        f"{folder}: {rows} rows of schema {written.tables.schema}, "
        f"{written.files} files of {written.bytes} bytes\n"
    )
    return 0

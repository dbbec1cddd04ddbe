"""`eclgrmd restore`: restores a backup."""

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
    """Restore the backup in a folder into an empty database and an empty file store.

    The daemon must be stopped. Run this as the daemon's user.
    """
    from eclgrmd.daemon.backup import restore
    from eclgrmd.settings.load import load_settings

    backup = asyncio.run(restore(load_settings(settings, os.environ), folder.absolute()))
    rows = sum(table.rows for table in backup.tables.tables)
    sys.stdout.write(
        f"{folder}: restored the backup of {backup.created_utc}: {rows} rows, "
        f"{backup.files or 0} files\n"
    )
    return 0

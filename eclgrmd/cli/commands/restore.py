"""`eclgrmd restore`: restores a backup."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_settings

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "restore",
        help="restore a backup while the daemon is stopped",
        description="Restore a backup into an empty database and an empty file store, while the "
        "daemon is stopped. Run it as the daemon's user.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the backup")
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Restore the backup, print what it contained, and return the exit status."""
    from eclgrmd.daemon.backup import restore
    from eclgrmd.settings.load import load_settings

    settings = load_settings(args.config, os.environ)
    backup = asyncio.run(restore(settings, args.folder.absolute()))
    rows = sum(table.rows for table in backup.tables.tables)
    sys.stdout.write(
        f"{args.folder}: restored the backup of {backup.created_utc}: {rows} rows, "
        f"{backup.files or 0} files\n"
    )
    return 0

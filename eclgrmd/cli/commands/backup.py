"""`eclgrmd backup`: writes a backup of the database and of all files."""

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
        "backup",
        help="write a backup of database and files; a running daemon is not disturbed",
        description="Write a snapshot of the tables and all files that they name, checked by their "
        "checksums. Run it as the daemon's user.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="new or empty folder")
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Write the backup, print what it contains, and return the exit status."""
    from eclgrmd.daemon.backup import back_up
    from eclgrmd.settings.load import load_settings

    settings = load_settings(args.config, os.environ)
    written = asyncio.run(back_up(settings, args.folder.absolute()))
    rows = sum(table.rows for table in written.tables.tables)
    sys.stdout.write(
        f"{args.folder}: {rows} rows of schema {written.tables.schema}, "
        f"{written.files} files of {written.bytes} bytes\n"
    )
    return 0

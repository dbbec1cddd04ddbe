"""`eclgrmd restore`: brings a backup back."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_settings

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "restore",
        help="bring a backup back, while the daemon is stopped",
        description="Bring a backup back into an empty database and an empty file store, while "
        "the daemon is stopped. Run it as the daemon's user.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the backup")
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Restore it and say what it held."""
    from eclgrmd.daemon.backup import restore
    from eclgrmd.settings.load import load_settings

    settings = load_settings(args.config, os.environ)
    held = asyncio.run(restore(settings, args.folder.absolute()))
    rows = sum(table.rows for table in held.tables.tables)
    sys.stdout.write(
        f"{args.folder}: restored what was there at {held.created_utc}: {rows} rows, "
        f"{held.files or 0} files\n"
    )
    return 0

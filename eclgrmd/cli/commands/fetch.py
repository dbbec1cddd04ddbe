"""`eclgrmd fetch`: downloads the files of a burst from the mission database."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_settings
from eclgrmd.errors import EclgrmdError, InputError, PermanentError

if TYPE_CHECKING:
    from eclgrmd.settings.daemon import MdbSettings

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "fetch", help="download the files of a burst from the mission database"
    )
    parser.add_argument("burst", metavar="BURST", help="id of the burst")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="folder for the files"
    )
    add_settings(parser)
    parser.add_argument(
        "--trigger-utc", default="", metavar="TIME", help="search around this time, ISO-8601 UTC"
    )
    parser.add_argument(
        "--list", action="store_true", help="list the files without downloading any"
    )


def run(args: argparse.Namespace) -> int:
    """Download all files and return the exit status.

    Files that are there already are kept; interrupted downloads are resumed.
    """
    from eclgrmd.settings.load import load_settings

    settings = load_settings(args.config, os.environ).mdb
    if not settings.url:
        raise InputError("no mission database is configured: set mdb.url, or ECLGRMD_MDB_URL")
    return asyncio.run(_fetch(args, settings))


async def _fetch(args: argparse.Namespace, settings: "MdbSettings") -> int:
    from eclgrmd.ingest.mdb import MissionDatabase

    failed = []
    async with MissionDatabase.session(settings) as session:
        mission = MissionDatabase(session, settings)
        found = await mission.files_of(args.burst, args.trigger_utc)
        if not found.files:
            raise PermanentError(f"the mission database has no file of {args.burst}")
        args.output.mkdir(parents=True, exist_ok=True)
        for link in found.files:
            if args.list:
                sys.stdout.write(f"{link.size:12d}  {link.name}\n")
                continue
            try:
                path = await mission.fetch(link, args.output)
            except EclgrmdError as error:
                failed.append(str(error))
            else:
                sys.stdout.write(f"{link.size:12d}  {path}\n")
    if failed:
        raise PermanentError("\n".join(failed))
    return 0

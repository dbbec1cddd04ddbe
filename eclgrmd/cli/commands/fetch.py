"""`eclgrmd fetch BURST`: fetches the files of a burst from the mission database."""

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
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "fetch", help="fetch the files of a burst from the mission database"
    )
    parser.add_argument("burst", metavar="BURST", help="id of the burst")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="gets the files")
    add_settings(parser)
    parser.add_argument(
        "--trigger-utc", default="", metavar="TIME", help="ISO-8601 UTC: ask around this time"
    )
    parser.add_argument(
        "--list", action="store_true", help="only tell which files there are, fetch none"
    )


def run(args: argparse.Namespace) -> int:
    """Fetch all; what is there already is left, what broke off is gone on with."""
    from eclgrmd.settings.load import load_settings

    settings = load_settings(args.config, os.environ).mdb
    if not settings.url:
        raise InputError("no mission database is known: set mdb.url, or ECLGRMD_MDB_URL")
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

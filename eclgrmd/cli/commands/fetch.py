"""`eclgrmd fetch`: downloads the files of a burst from the mission database."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.options import AnyPath, settings_option
from eclgrmd.errors import EclgrmdError, InputError, PermanentError

if TYPE_CHECKING:
    from eclgrmd.settings.daemon import Settings

__all__ = ["command"]


@click.command
@click.argument("burst", metavar="BURST")
@click.option(
    "--output", type=AnyPath(), required=True, metavar="DIR", help="Folder for the files."
)
@settings_option
@click.option(
    "--trigger-utc", default="", metavar="TIME", help="Search around this time, ISO-8601 UTC."
)
@click.option("--list", "only_list", is_flag=True, help="List the files without downloading any.")
def command(
    burst: str, output: Path, settings: Path | None, trigger_utc: str, *, only_list: bool
) -> int:
    """Download the files of a burst from the mission database.

    Files that are there already are kept; interrupted downloads are resumed.
    """
    from eclgrmd.settings.load import load_settings

    loaded = load_settings(settings, os.environ)
    if not loaded.mdb.url:
        raise InputError("no mission database is configured: set mdb.url, or ECLGRMD_MDB_URL")
    return asyncio.run(_fetch(burst, trigger_utc, None if only_list else output, loaded))


async def _fetch(burst: str, trigger_utc: str, output: Path | None, settings: "Settings") -> int:
    """Download the files of a burst, or list them (`output` is None); return the exit status."""
    from eclgrmd.ingest.links import link_policy
    from eclgrmd.ingest.mdb import MissionDatabase

    failed, policy = [], link_policy(settings)
    async with MissionDatabase.session(lambda: policy, settings.mdb) as session:
        mission = MissionDatabase(session, policy, settings.mdb)
        found = await mission.files_of(burst, trigger_utc)
        if not found.files:
            raise PermanentError(f"the mission database has no file of {burst}")
        if output is not None:
            await asyncio.to_thread(output.mkdir, parents=True, exist_ok=True)
        for link in found.files:
            if output is None:
                sys.stdout.write(f"{link.size:12d}  {link.name}\n")
                continue
            try:
                path = await mission.fetch(link, output)
            except EclgrmdError as error:
                failed.append(str(error))
            else:
                sys.stdout.write(f"{link.size:12d}  {path}\n")
    if failed:
        raise PermanentError("\n".join(failed))
    return 0

"""`eclgrmd campaign`: analyses many bursts on a cluster, and survives whatever dies meanwhile."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from eclgrmd.cli.campaign.ledger import ledger_settings
from eclgrmd.cli.campaign.text import diff_text, progress_line, report_text
from eclgrmd.cli.options import ANALYSES, AnyPath, json_option, settings_option
from eclgrmd.errors import InputError
from eclgrmd.model.campaign import (
    BURSTS_PER_CHUNK,
    Campaign,
    CampaignConfiguration,
)
from eclgrmd.model.campaign.scheduler import check_scheduler
from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.model.names import identifier_from
from eclgrmd.model.task import TaskType
from eclgrmd.offline.configuration import resolved

__all__ = ["command"]

_STATUS = "Exit status: 0 done, 1 some bursts failed, or it was cancelled, 2 wrong input."

state_option = click.option(
    "--state",
    type=AnyPath(),
    metavar="DIR",
    help="Folder of the ledger.  [default: that of the settings, a daemon's own]",
)
name_argument = click.argument("name", metavar="NAME")


def _checked(_context: click.Context, _option: click.Parameter, address: str | None) -> str | None:
    check_scheduler(address or "", key="--dask")
    return address


dask_option = click.option(
    "--dask",
    metavar="URL",
    callback=_checked,
    help="Dask scheduler, tls://HOST:PORT.  [default: compute.dask of the settings, else a cluster "
    "on this machine]",
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Worker processes of a cluster on this machine.  [default: one for each core]",
)


@click.group
def command() -> None:
    """Analyse many bursts by one or several configurations, on a cluster of Dask.

    The ledger of a campaign is in the daemon's database, or in one of its own in --state DIR. A
    campaign that was interrupted by anything goes on with `restart`.
    """


@command.command(epilog=_STATUS)
@name_argument
@click.argument("folders", nargs=-1, type=click.Path(), metavar="[FOLDER]...")
@click.option("--output", type=AnyPath(), required=True, metavar="DIR", help="Folder for results.")
@click.option(
    "--list",
    "lists",
    type=AnyPath(),
    multiple=True,
    metavar="FILE",
    help="Names a folder of a burst on each line.",
)
@click.option(
    "--make",
    metavar="MODULE:FUNCTION",
    help="Function that makes an observation from a seed, instead of files.",
)
@click.option("--seeds", metavar="A:B", help="Seeds for --make: A to B - 1, or N for 0 to N - 1.")
@click.option(
    "--config",
    "configs",
    type=AnyPath(),
    multiple=True,
    metavar="TASK.yaml",
    help="Task configuration; several: each burst is analysed by each.",
)
@click.option(
    "--analysis",
    type=ANALYSES,
    default=TaskType.BURST.value,
    show_default=True,
    help="What to compute, as far as the data allow.",
)
@click.option(
    "--chunk",
    type=click.IntRange(1, 10_000),
    default=BURSTS_PER_CHUNK,
    show_default=True,
    metavar="N",
    help="Bursts that are sent to a worker together, on average.",
)
@click.option("--only-plan", is_flag=True, help="Write the ledger and compute nothing yet.")
@dask_option
@workers_option
@state_option
@settings_option
def submit(name: str, folders: tuple[str, ...], **options: Any) -> int:
    """Submit the bursts in folders, or simulated ones, as campaign NAME, and compute them.

    A folder with files is one burst; of others the folders below are searched. What an earlier
    campaign of the ledger computed by the same inputs, configuration and software is copied.
    """
    if identifier_from(name) != name or not name:
        raise InputError(f"campaign {name!r}: must be letters, digits and ._:+-")
    configurations = _configurations(options["settings"], options["configs"])
    settings = ledger_settings(options["settings"], options["state"])

    from eclgrmd.campaign.software import software
    from eclgrmd.campaign.submitting import submit as submit_campaign
    from eclgrmd.cli.campaign.driving import run_campaign, until_stopped
    from eclgrmd.cli.campaign.sources import campaign_items
    from eclgrmd.daemon.own_database import ledger_database

    wanted = Campaign(
        campaign_id=name,
        folder=str(options["output"].absolute()),
        configurations=configurations,
        created_utc=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        analysis=TaskType(options["analysis"]),
        chunk_bursts=options["chunk"],
    )
    items = campaign_items(folders, options["lists"], options["make"], options["seeds"])

    async def begin() -> int:
        async with ledger_database(settings) as database:
            chunks = await submit_campaign(database, wanted, items, software())
            sys.stdout.write(f"campaign {name}: {chunks} chunks\n")
            sys.stdout.flush()
            if options["only_plan"]:
                return 0
            return await run_campaign(database, name, settings, options)

    return until_stopped(begin())


@command.command(epilog=_STATUS)
@name_argument
@click.option("--failed", is_flag=True, help="Also compute chunks again in which a burst failed.")
@dask_option
@workers_option
@state_option
@settings_option
def restart(name: str, **options: Any) -> int:
    """Go on with campaign NAME, after an interruption or a cancellation."""
    from eclgrmd.cli.campaign.driving import run_campaign, until_stopped
    from eclgrmd.daemon.own_database import ledger_database

    settings = ledger_settings(options["settings"], options["state"])

    async def go_on() -> int:
        async with ledger_database(settings) as database:
            return await run_campaign(database, name, settings, options)

    return until_stopped(go_on())


@command.command
@click.argument("name", required=False, metavar="[NAME]")
@json_option
@state_option
@settings_option
def status(name: str | None, state: Path | None, settings: Path | None, *, as_json: bool) -> int:
    """Print how far campaign NAME, or every campaign, has come; it may run meanwhile."""
    from eclgrmd.daemon.own_database import ledger_database
    from eclgrmd.store.campaigns.campaigns import campaign_names, progress

    async def look() -> int:
        async with (
            ledger_database(ledger_settings(settings, state)) as database,
            database.transaction() as transaction,
        ):
            names = [name] if name else await campaign_names(transaction)
            found = [await progress(transaction, each) for each in names]
        if as_json:
            sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
            return 0
        for each in found:
            sys.stdout.write(f"{progress_line(each)}\n")
        return 0

    return asyncio.run(look())


@command.command
@name_argument
@state_option
@settings_option
def cancel(name: str, state: Path | None, settings: Path | None) -> int:
    """Cancel campaign NAME; what was computed is kept, and `restart` goes on with it."""
    from eclgrmd.daemon.own_database import ledger_database
    from eclgrmd.store.campaigns.campaigns import campaign, cancel_campaign

    async def end() -> int:
        async with (
            ledger_database(ledger_settings(settings, state)) as database,
            database.transaction() as transaction,
        ):
            was_open = await cancel_campaign(transaction, name)
            _, found = await campaign(transaction, name)
        sys.stdout.write(f"campaign {name}: {'cancelled' if was_open else f'is {found} already'}\n")
        return 0

    return asyncio.run(end())


@command.command
@name_argument
@click.option(
    "--format",
    "forms",
    type=click.Choice([each.value for each in CatalogueFormat]),
    multiple=True,
    help="Write the results in this format, too; several are possible.",
)
@state_option
@settings_option
def report(name: str, forms: tuple[str, ...], state: Path | None, settings: Path | None) -> int:
    """Merge the results of campaign NAME so far into one data set, and list the failures.

    The data set is catalogue.parquet in the folder of the campaign. It may run meanwhile.
    """
    from eclgrmd.campaign.parts import DATA_SET, export, merge, part_path
    from eclgrmd.daemon.own_database import ledger_database
    from eclgrmd.store.campaigns.campaigns import campaign, failures, progress
    from eclgrmd.store.campaigns.chunks import parts

    async def tell() -> int:
        async with (
            ledger_database(ledger_settings(settings, state)) as database,
            database.transaction() as transaction,
        ):
            asked, _ = await campaign(transaction, name)
            found = await progress(transaction, name)
            failed = await failures(transaction, name)
            known = await parts(transaction, name)
        folder = Path(asked.folder)
        paths = [
            (part_path(folder, each.number, each.chunk_key), each.part_sha256) for each in known
        ]
        data_set = folder / DATA_SET
        written = []
        if paths:
            written.append(f"{data_set}: {merge(paths, data_set)} results")
        for form in forms if paths else ():
            path = data_set.with_suffix(f".{form}")
            path.write_bytes(export(data_set, CatalogueFormat(form)))
            written.append(str(path))
        sys.stdout.write(report_text(found, failed, written))
        return 0

    return asyncio.run(tell())


@command.command
@click.argument("before", type=AnyPath(), metavar="BEFORE")
@click.argument("after", type=AnyPath(), metavar="AFTER")
@click.option("--output", type=AnyPath(), required=True, metavar="DIR", help="Folder.")
@click.option("--sigma", type=float, default=1.0, show_default=True, help="Least change to list.")
@click.option("--config-before", metavar="NAME", help="Configuration of BEFORE, if it has several.")
@click.option("--config-after", metavar="NAME", help="Configuration of AFTER, if it has several.")
def diff(
    before: Path,
    after: Path,
    output: Path,
    sigma: float,
    config_before: str | None,
    config_after: str | None,
) -> int:
    """Compare two campaigns: every burst whose T90, Epeak, flux or class moved, and the cause.

    BEFORE and AFTER are folders of campaigns of which `report` was made. Written are diff.csv and
    diff.png.
    """
    from eclgrmd.campaign.diff import compare_rows, diff_csv, read_rows
    from eclgrmd.campaign.diff_figure import diff_figure
    from eclgrmd.cli.studied_burst import write_study

    found = compare_rows(read_rows(before, config_before), read_rows(after, config_after), sigma)
    names = [
        f"{path.name}{f' {own}' if own else ''}"
        for path, own in ((before, config_before), (after, config_after))
    ]
    written = [
        write_study(output, "diff.csv", diff_csv(found.moved)),
        write_study(output, "diff.png", diff_figure(found.pairs, *names)),
    ]
    sys.stdout.write(diff_text(found, [str(path) for path in written]))
    return 0


def _configurations(
    settings: Path | None, files: tuple[Path, ...]
) -> tuple[CampaignConfiguration, ...]:
    """Return the resolved configurations; they are named as their files."""
    found = []
    for file in files or (None,):
        each = resolved(settings, file)
        name = "default" if file is None else file.stem
        found.append(CampaignConfiguration(name, each.configuration, each.sources))
    names = [each.name for each in found]
    if len(set(names)) < len(names):
        raise InputError(f"--config {', '.join(names)}: the names of the files must differ")
    return tuple(found)

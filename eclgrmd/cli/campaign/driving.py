"""Runs a campaign to its end, with its progress on the screen."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Coroutine
from typing import Any

from eclgrmd.campaign.engine import EngineAddress
from eclgrmd.campaign.running import CampaignRun
from eclgrmd.campaign.software import software
from eclgrmd.errors import EclgrmdError, TransientError
from eclgrmd.model.campaign import CampaignState
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.load import path_of
from eclgrmd.store.campaigns.campaigns import progress
from eclgrmd.store.sql.database import Database

from .text import progress_line

__all__ = ["run_campaign", "until_stopped"]

_SHOW_S = 1.0
"""Pause between two lines of progress on a terminal, seconds."""
_SHOW_LOG_S = 15.0
"""Pause between two lines of progress in a file, seconds."""
_BY_SIGNAL = 128
"""Added to the number of the signal that ended the process: a shell's convention."""


def until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end, or until a signal: then what is with the engine goes back to the ledger."""

    async def supervised() -> int:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if task is not None:
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(supervised())
    except asyncio.CancelledError:
        raise SystemExit(_BY_SIGNAL + signal.SIGTERM) from None


async def run_campaign(database: Database, name: str, settings: Settings, options: Any) -> int:
    """Compute a campaign, with its progress on the screen; return the exit status."""
    # What the engine reports of lost workers is said in our own words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    compute = settings.compute
    address = compute.dask if options["dask"] is None else options["dask"]
    workers = options["workers"] or os.cpu_count() or 1
    where = EngineAddress(
        address,
        ca_file=str(path_of(compute.dask_ca_file) or ""),
        cert_file=str(path_of(compute.dask_cert_file) or ""),
        key_file=str(path_of(compute.dask_key_file) or ""),
        workers=workers,
    )
    run = CampaignRun(database, name, where, software())
    state, failure = CampaignState.PLANNED, None
    async with asyncio.TaskGroup() as group:
        shower = group.create_task(_show(database, name), name="progress of the campaign")
        try:
            state = await run.until_done(failed_again=options.get("failed", False))
        except EclgrmdError as error:  # a group would wrap it
            failure = error
        finally:
            shower.cancel()
    if failure is not None:
        raise failure
    async with database.transaction() as transaction:
        found = await progress(transaction, name)
    sys.stdout.write(f"{progress_line(found)}\n")
    return 0 if state is CampaignState.DONE and not found.failed else 1


async def _show(database: Database, name: str) -> None:
    """Print the progress again and again."""
    terminal = sys.stderr.isatty()
    began, before = time.monotonic(), None
    while True:
        await asyncio.sleep(_SHOW_S if terminal else _SHOW_LOG_S)
        try:
            async with database.transaction() as transaction:
                found = await progress(transaction, name)
        except TransientError:
            continue
        ended = found.measured + found.failed - found.reused
        before = ended if before is None else before
        rate = (ended - before) / (time.monotonic() - began)
        line = progress_line(found, rate)
        sys.stderr.write(f"\r\033[K{line}" if terminal else f"{line}\n")
        sys.stderr.flush()

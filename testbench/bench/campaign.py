"""Measures what engine and ledger cost a campaign: time and memory, with and without work.

Usage: testbench/bench/campaign [--empty N...] [--bursts N] [--workers N]
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil

from eclgrmd.campaign.engine import EngineAddress
from eclgrmd.campaign.running import CampaignRun
from eclgrmd.campaign.software import software, source_sha256
from eclgrmd.campaign.submitting import made_items, submit
from eclgrmd.campaign.work import run_chunk
from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.model.campaign import (
    Campaign,
    CampaignConfiguration,
    ChunkOutcome,
    ChunkWork,
    Progress,
)
from eclgrmd.model.configuration.sections import (
    DurationChoice,
    SpectralChoice,
    TaskConfiguration,
)
from eclgrmd.model.task import TaskType
from eclgrmd.store.campaigns.campaigns import progress
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate
from testbench.command_line import command_parser

__all__ = ["main", "nothing"]

_FAINT = "testbench.simulate.study:faint_observation"
_QUICK = TaskConfiguration(
    duration=DurationChoice(bootstrap=200, character=False, photon_fluence=False),
    spectral=SpectralChoice(models=("band",), goodness_spectra=0),
)
"""Durations with errors, and a fit of one model."""


class _Cost(NamedTuple):
    """What a campaign took."""

    submit_s: float
    """Wall-clock time of the submission, seconds."""
    run_s: float
    """Wall-clock time of the run, with the start of the cluster, seconds."""
    driver_cpu_s: float
    """CPU time of the program with the scheduler, seconds."""
    database_cpu_s: float
    """CPU time of MariaDB, seconds."""
    memory_bytes: int
    """Largest resident memory of the program with the scheduler."""
    found: Progress
    """Counts at the end."""


def nothing(work: bytes) -> bytes:
    """Return an outcome with one failure fewer than nothing: no burst is computed."""
    asked = msgspec.msgpack.decode(work, type=ChunkWork)
    return msgspec.msgpack.encode(ChunkOutcome(measured=len(asked.items)))


def plain_chunk(seeds: tuple[int, ...]) -> float:
    """Compute some faint bursts in a process of a plain pool, and return their CPU time."""
    source = source_sha256(_FAINT)
    asked = ChunkWork(
        campaign_id="plain",
        number=0,
        configuration=CampaignConfiguration("quick", _QUICK),
        analysis=TaskType.BURST,
        created_utc="2026-01-01T00:00:00Z",
        items=tuple(made_items(_FAINT, source, seeds)),
        software=software(),
    )
    outcome = msgspec.msgpack.decode(run_chunk(msgspec.msgpack.encode(asked)), type=ChunkOutcome)
    return outcome.cpu_s


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0."""
    parser = command_parser("bench/campaign", __doc__)
    parser.add_argument(
        "--empty",
        type=int,
        nargs="*",
        default=[1_000, 10_000, 100_000],
        metavar="N",
        help="bursts of campaigns with empty work; default: 1000 10000 100000",
    )
    parser.add_argument(
        "--bursts", type=int, default=200, help="faint bursts to compute; default: %(default)s"
    )
    parser.add_argument("--workers", type=int, default=2, help="default: %(default)s")
    options = parser.parse_args(arguments)
    for number in options.empty:
        cost = asyncio.run(_measured(number, options.workers, nothing))
        _print_cost(f"{number} empty bursts", cost)
    if options.bursts:
        cost = asyncio.run(_measured(options.bursts, options.workers, run_chunk))
        _print_cost(f"{options.bursts} faint bursts", cost)
        _print_beside_plain(cost, _plain(options.bursts, options.workers))
    return 0


def _print_cost(what: str, cost: _Cost) -> None:
    each_ms = 1e3 * (cost.driver_cpu_s + cost.database_cpu_s) / cost.found.items
    print(
        f"{what}: {cost.found.chunks} chunks, submitted in {cost.submit_s:.1f} s, run in "
        f"{cost.run_s:.1f} s; CPU: program and scheduler {cost.driver_cpu_s:.1f} s, MariaDB "
        f"{cost.database_cpu_s:.1f} s ({each_ms:.3f} ms a burst), workers "
        f"{cost.found.compute_s:.1f} s; memory {cost.memory_bytes / 1e6:.0f} MB",
        flush=True,
    )


def _print_beside_plain(cost: _Cost, plain: tuple[float, float]) -> None:
    wall_s, cpu_s = plain
    overhead = (cost.driver_cpu_s + cost.database_cpu_s) / cost.found.compute_s
    print(
        f"overhead of engine and ledger: {100 * overhead:.1f} % of the CPU time of the work; "
        f"a plain pool of processes: {wall_s:.1f} s, CPU {cpu_s:.1f} s; "
        f"CPU of a burst: {1e3 * cost.found.compute_s / cost.found.items:.0f} ms"
    )


def _plain(bursts: int, workers: int) -> tuple[float, float]:
    """Return wall-clock and CPU time of a plain loop over the same bursts."""
    began = time.monotonic()
    chunks = [tuple(range(k, min(k + 100, bursts))) for k in range(0, bursts, 100)]
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        cpu_s = sum(pool.map(plain_chunk, chunks))
    return time.monotonic() - began, cpu_s


async def _measured(bursts: int, workers: int, work: Callable[[bytes], bytes]) -> _Cost:
    """Submit and run a campaign with a database of its own."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(PrivateMariaDB(folder))
        address = Address(server.user, server.database, unix_socket=str(server.unix_socket))
        database = Database(address, pool_size=2, timeout_s=30.0)
        await database.open()
        stack.push_async_callback(database.close)
        await migrate(database)
        wanted = Campaign(
            campaign_id="bench",
            folder=str(folder / "results"),
            configurations=(CampaignConfiguration("quick", _QUICK),),
            created_utc="2026-01-01T00:00:00Z",
            analysis=TaskType.BURST,
        )
        mine = software()
        source = source_sha256(_FAINT)
        began = time.monotonic()
        await submit(database, wanted, made_items(_FAINT, source, range(bursts)), mine)
        submitted = time.monotonic()
        here, there = psutil.Process(), psutil.Process(server.pid)
        before = _cpu_s(here), _cpu_s(there)
        run = CampaignRun(database, "bench", EngineAddress(workers=workers), mine, work)
        peak = [0]
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(_watch(here, peak), name="memory")
            await run.until_done()
            watch.cancel()
        ended = time.monotonic()
        async with database.transaction() as transaction:
            found = await progress(transaction, "bench")
        return _Cost(
            submitted - began,
            ended - submitted,
            _cpu_s(here) - before[0],
            _cpu_s(there) - before[1],
            peak[0],
            found,
        )


async def _watch(process: psutil.Process, peak: list[int]) -> None:
    while True:
        peak[0] = max(peak[0], process.memory_info().rss)
        await asyncio.sleep(0.5)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())

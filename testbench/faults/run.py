"""A run: work and faults at the same time, then a quiet time, then the checks."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from msgspec import Struct

from eclgrmd.bus import Address, Bus
from eclgrmd.errors import TransientError
from testbench.faults.daemons.watched_analysis import overlaps
from testbench.faults.injection.injector import Injector

from .announcements import Announcements, read_announcements
from .bursts import make_burst
from .file_server import running_file_server
from .sender import Sender
from .site import Site, running_site
from .tally import Tally
from .verdict import find_violations, unfinished

__all__ = ["Course", "Outcome", "run"]

_AT_A_TIME = 8
"""Bursts that are sent at the same time."""
_DRAWN = 0.2
"""Part of the tasks that have figures, which take most of the time of a run."""
_REPORT_S = 10.0
"""Time between two progress messages, seconds."""
_QUIET_LIMIT_S = 300.0
"""Longest wait until all work is done after the last fault, seconds."""
_STREAM_LOOKS = 20
"""Largest number of looks at a stream that still grows."""
_STREAM_PAUSE_S = 2.0
"""Time between two looks at the stream, seconds."""
Report = Callable[[str], None]


class Course(Struct, frozen=True, kw_only=True):
    """Size of a run."""

    seed: int
    """Seed of bursts and faults."""
    bursts: int
    """Bursts to send."""
    faults: int
    """Least number of faults, unless the time is up."""
    seconds: float | None
    """Time after which no burst and no fault is started. None: no limit."""
    daemons: int
    """Daemons that share one database and NATS. One daemon has private servers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a run."""

    tally: Tally
    """Counts of faults and of acknowledged work."""
    violations: list[str]
    """One sentence for each loss or double."""
    messages: int
    """Announcements in the stream."""
    repeated: int
    """Announcements that repeat a message id."""
    elapsed_s: float
    """Duration of the run, seconds."""

    @property
    def good(self) -> bool:
        """True if nothing was wrong."""
        return not self.violations


async def run(course: Course, folder: Path, report: Report) -> Outcome:
    """Inject the faults, wait until all work is done, and check it."""
    began, tally = time.monotonic(), Tally()
    async with (
        running_site(folder, course.daemons) as site,
        running_file_server(course.seed, tally) as files,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30.0)) as http,
        Bus(Address(site.nats_url), name="chaos") as bus,
    ):
        report(f"ready after {time.monotonic() - began:.1f} s")
        sender = Sender(course.seed, site.daemons, bus, files, http, tally, drawn=_DRAWN)
        await _disturb(course, site, sender, tally, report)
        report(f"{tally.total} faults over; waiting until all work is done")
        left = await _until_quiet(site, http, tally, report)
        announced = await _all_announcements(site)
        violations = await find_violations(http, _base(site), tally, announced)
        violations += [f"task {name} ran twice at the same time" for name in overlaps(site.watch)]
    if left:
        violations.insert(0, f"{left} files and tasks are still open after {_QUIET_LIMIT_S:g} s")
    return Outcome(
        tally, violations, announced.messages, announced.repeated, time.monotonic() - began
    )


async def _disturb(
    course: Course, site: Site, sender: Sender, tally: Tally, report: Report
) -> None:
    """Send all bursts, evenly spread over the faults."""
    injector = Injector(site, course.seed, tally)
    until = time.monotonic() + (course.seconds or math.inf)
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(_report_progress(tally, report), name="progress")
        breaking = group.create_task(injector.run(), name="faults")
        async with asyncio.TaskGroup() as sending:
            slots = asyncio.Semaphore(_AT_A_TIME)
            for number in range(course.bursts):
                if not await _turn_of(number, course, tally, until):
                    break
                await slots.acquire()
                burst = make_burst(course.seed, number)
                sent = sending.create_task(sender.send(burst), name=burst.burst_id)
                sent.add_done_callback(lambda _: slots.release())
            await _turn_of(course.bursts, course, tally, until)
            injector.stop()
        await breaking
        telling.cancel()


async def _turn_of(number: int, course: Course, tally: Tally, until: float) -> bool:
    """Wait until enough faults are over for this burst; return False when the time is up."""
    due = course.faults * number / course.bursts
    while tally.total < due and time.monotonic() < until:  # noqa: ASYNC110 - no event announces a fault
        await asyncio.sleep(0.05)
    return time.monotonic() < until


async def _report_progress(tally: Tally, report: Report) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(_REPORT_S)
        report(
            f"{time.monotonic() - began:6.0f} s: {tally.total} faults, {tally.bursts} bursts sent, "
            f"{len(tally.unexpected_ends)} unexpected ends"
        )


async def _until_quiet(
    site: Site, http: aiohttp.ClientSession, tally: Tally, report: Report
) -> int:
    """Wait until all acknowledged work is done; return what is left at the limit."""
    left, until = -1, time.monotonic() + _QUIET_LIMIT_S
    while left and time.monotonic() < until:
        await asyncio.sleep(1.0)
        try:
            now = await unfinished(http, _base(site), tally)
        except (aiohttp.ClientError, TimeoutError, OSError):
            continue
        if now != left and now % 10 == 0:
            report(f"{now} files and tasks are still open")
        left = now
    return left


async def _all_announcements(site: Site) -> Announcements:
    """Read the stream until it no longer grows."""
    announced = await read_announcements(site.nats_url)
    for _ in range(_STREAM_LOOKS):
        await asyncio.sleep(_STREAM_PAUSE_S)
        before, announced = announced, await read_announcements(site.nats_url)
        if before.messages == announced.messages:
            break
    return announced


def _base(site: Site) -> str:
    for daemon in site.daemons:
        if at := daemon.endpoints():
            return at.rest
    raise TransientError("no daemon is up")

"""One run: work and faults at the same time, then quiet, then the verdict."""

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

from .announcements import Wire, read_wire
from .bursts import make_burst
from .file_server import running_file_server
from .sender import Sender
from .site import Site, running_site
from .tally import Tally
from .verdict import find_wrongs, unfinished

__all__ = ["Course", "Outcome", "run"]

_AT_A_TIME = 8
_TELL_S = 10.0
_QUIET_LIMIT_S = 300.0
_WIRE_LOOKS = 20
_WIRE_PAUSE_S = 2.0
Tell = Callable[[str], None]


class Course(Struct, frozen=True, kw_only=True):
    """How long to go on."""

    seed: int
    bursts: int
    faults: int
    """As many at least, unless the time is up."""
    seconds: float | None
    """When the time is up no burst and no fault is begun; None: all of them."""
    daemons: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found."""

    tally: Tally
    wrongs: list[str]
    messages: int
    repeated: int
    elapsed_s: float

    @property
    def good(self) -> bool:
        """Tell whether nothing was wrong."""
        return not self.wrongs


async def run(course: Course, folder: Path, tell: Tell) -> Outcome:
    """Run a course and judge it."""
    began, tally = time.monotonic(), Tally()
    async with (
        running_site(folder, course.daemons) as site,
        running_file_server(course.seed, tally) as files,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30.0)) as http,
        Bus(Address(site.nats_url), name="chaos") as bus,
    ):
        tell(f"ready after {time.monotonic() - began:.1f} s")
        sender = Sender(course.seed, site.daemons, bus, files, http, tally)
        await _disturb(course, site, sender, tally, tell)
        tell(f"{tally.total} faults over; waiting until all work is done")
        left = await _until_quiet(site, http, tally, tell)
        wire = await _whole_wire(site)
        wrongs = await find_wrongs(http, _base(site), tally, wire)
        wrongs += [f"task {name} ran twice at the same time" for name in overlaps(site.watch)]
    if left:
        wrongs.insert(0, f"{left} files and tasks are still open after {_QUIET_LIMIT_S:g} s")
    return Outcome(tally, wrongs, wire.messages, wire.repeated, time.monotonic() - began)


async def _disturb(course: Course, site: Site, sender: Sender, tally: Tally, tell: Tell) -> None:
    """Send all bursts while things break, evenly spread over the faults."""
    injector = Injector(site, course.seed, tally)
    until = time.monotonic() + (course.seconds or math.inf)
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(_tell_progress(tally, tell), name="progress")
        breaking = group.create_task(injector.run(), name="faults")
        async with asyncio.TaskGroup() as sending:
            places = asyncio.Semaphore(_AT_A_TIME)
            for number in range(course.bursts):
                if not await _turn_of(number, course, tally, until):
                    break
                await places.acquire()
                burst = make_burst(course.seed, number)
                sent = sending.create_task(sender.send(burst), name=burst.burst_id)
                sent.add_done_callback(lambda _: places.release())
            await _turn_of(course.bursts, course, tally, until)
            injector.stop()
        await breaking
        telling.cancel()


async def _turn_of(number: int, course: Course, tally: Tally, until: float) -> bool:
    """Wait until so many faults are over that it is this burst's turn; False: time is up."""
    due = course.faults * number / course.bursts
    while tally.total < due and time.monotonic() < until:  # noqa: ASYNC110 - faults have no event
        await asyncio.sleep(0.05)
    return time.monotonic() < until


async def _tell_progress(tally: Tally, tell: Tell) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(_TELL_S)
        tell(
            f"{time.monotonic() - began:6.0f} s: {tally.total} faults, {tally.bursts} bursts sent, "
            f"{len(tally.unasked_ends)} unasked ends"
        )


async def _until_quiet(site: Site, http: aiohttp.ClientSession, tally: Tally, tell: Tell) -> int:
    """Wait until all acknowledged work is done, and announced; give what is left."""
    left, until = -1, time.monotonic() + _QUIET_LIMIT_S
    while left and time.monotonic() < until:
        await asyncio.sleep(1.0)
        try:
            now = await unfinished(http, _base(site), tally)
        except (aiohttp.ClientError, TimeoutError, OSError):
            continue
        if now != left and now % 10 == 0:
            tell(f"{now} files and tasks are open")
        left = now
    return left


async def _whole_wire(site: Site) -> Wire:
    """Read the stream once nothing is added to it any more."""
    wire = await read_wire(site.nats_url)
    for _ in range(_WIRE_LOOKS):
        await asyncio.sleep(_WIRE_PAUSE_S)
        before, wire = wire, await read_wire(site.nats_url)
        if before.messages == wire.messages:
            break
    return wire


def _base(site: Site) -> str:
    for daemon in site.daemons:
        if at := daemon.endpoints():
            return at.rest
    raise TransientError("no daemon is up")

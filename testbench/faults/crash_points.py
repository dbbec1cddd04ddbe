"""Kills the daemon before and after every commit, acknowledgement and announcement in turn."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from eclgrmd.bus import Address, Bus
from eclgrmd.embedded import PrivateMariaDB, PrivateNats
from testbench.daemon_process import DaemonProcess, DaemonProcessError

from .announcements import read_announcements
from .bursts import make_burst
from .file_server import running_file_server
from .sender import Sender
from .site import SETTINGS
from .tally import Tally
from .verdict import find_violations, unfinished

__all__ = ["crash_at_points"]

_POINT_LIMIT_S = 15.0
"""Longest wait until a point is reached, seconds."""
_HEAL_LIMIT_S = 120.0
"""Longest wait until the last daemon has done all work, seconds."""


async def crash_at_points(
    points: Iterable[str], folder: Path, seed: int, report: Callable[[str], None]
) -> tuple[Tally, list[str]]:
    """Send a burst to a daemon that is killed at each point in turn; then check everything.

    Each daemon has to complete what its predecessor left, and may be killed while doing so.
    """
    tally, mariadb, nats = Tally(), PrivateMariaDB(folder), PrivateNats(folder)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(mariadb)
        await stack.enter_async_context(nats)
        bus = await stack.enter_async_context(Bus(Address(nats.url), name="crashes"))
        files = await stack.enter_async_context(running_file_server(seed, tally))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        sending = await stack.enter_async_context(asyncio.TaskGroup())
        settings = SETTINGS | {
            "ECLGRMD_REST_OPEN_LOOPBACK": "on",
            "ECLGRMD_DATABASE_URL": f"mysql://{mariadb.user}@/eclgrmd"
            f"?unix_socket={mariadb.unix_socket}",
            "ECLGRMD_NATS_URL": nats.bare_url,
            "ECLGRMD_NATS_USER": nats.user,
            "ECLGRMD_NATS_PASSWORD_FILE": str(nats.password_file),
        }
        daemons: list[DaemonProcess] = []
        sender = Sender(seed, daemons, bus, files, http, tally, drawn=1.0)
        for number, point in enumerate(points):
            daemons[:] = [_crashing(folder, settings | {"CRASH_AT": point})]
            sending.create_task(sender.send(make_burst(seed, number)), name=point)
            reached = await _die(daemons[0])
            tally.faults[point.partition(":")[0]] += reached
            report(f"{point}: {'killed' if reached else 'not reached'}")
        daemons[:] = [DaemonProcess(folder, workers=1, settings=settings)]
        await daemons[0].start()
        left = await _healed(daemons[0], http, tally, number + 1)
        violations = [f"{left} files and tasks are still open"] if left else []
        announced = await read_announcements(nats.url)
        at = daemons[0].endpoints()
        violations += await find_violations(http, at.rest if at else "", tally, announced)
        await daemons[0].stop()
    return tally, violations


def _crashing(folder: Path, settings: dict[str, str]) -> DaemonProcess:
    module = "testbench.faults.daemons.crashing"
    return DaemonProcess(folder, workers=1, settings=settings, module=module)


async def _die(daemon: DaemonProcess) -> bool:
    """Wait until the daemon kills itself; kill it if it does not reach the point."""
    try:
        await daemon.start()
        await daemon.ended(limit_s=_POINT_LIMIT_S)
    except DaemonProcessError:
        reached = not daemon.running
        await daemon.kill()
        return reached
    return True


async def _healed(
    daemon: DaemonProcess, http: aiohttp.ClientSession, tally: Tally, bursts: int
) -> int:
    left, until = 1, time.monotonic() + _HEAL_LIMIT_S
    while (left or tally.bursts < bursts) and time.monotonic() < until:
        await asyncio.sleep(0.5)
        at = daemon.endpoints()
        left = await unfinished(http, at.rest if at else "", tally)
    await asyncio.sleep(2.0)
    return left

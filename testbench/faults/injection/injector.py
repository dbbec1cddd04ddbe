"""Injects faults at random moments, in four independent lanes, each determined by its seed."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import aiomysql

from testbench.daemon_process import DaemonProcess, DaemonProcessError
from testbench.faults.site import Site
from testbench.faults.tally import Tally

__all__ = ["Injector"]

_HOW_LONG_S = (0.05, 0.3, 1.0, 3.0)
"""Usual durations of a fault, seconds."""
_STALL_S = 30.0
"""Duration of a rare, long freeze of the database, seconds."""
_LONG_STOP_S = 12.0
"""Longer than a lease, a database timeout and NATS's ping limit, seconds."""
Fault = Callable[[random.Random], Awaitable[None]]


class Injector:
    """Injects faults until `stop`, and repairs what it broke before it returns."""

    def __init__(self, site: Site, seed: int, tally: Tally) -> None:
        self._site = site
        self._seed = seed
        self._tally = tally
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Start no more faults."""
        self._stop.set()

    async def run(self) -> None:
        """Run all lanes until `stop`."""
        async with asyncio.TaskGroup() as lanes:
            for daemon in self._site.daemons:
                name = f"daemon {self._site.daemons.index(daemon)}"
                lanes.create_task(self._daemon_lane(daemon, name), name=name)
            for name, faults in self._lanes().items():
                lanes.create_task(self._lane(name, faults), name=name)

    def _lanes(self) -> dict[str, list[Fault]]:
        """Return the faults of each lane; a fault that is listed twice is twice as frequent."""
        cut_off = self._kill_connections
        lanes: dict[str, list[Fault]] = {
            "worker": [self._kill_worker, self._stop_worker, self._stop_worker],
            "database": [self._kill_mariadb, *[self._stop_mariadb] * 2, *[cut_off] * 3],
            "nats": [self._kill_nats, *[self._stop_nats] * 2],
        }
        if self._site.shared:
            lanes["network"] = [self._partition, self._refuse_writes]
        return lanes

    async def _lane(self, name: str, faults: list[Fault]) -> None:
        chance = random.Random(f"{self._seed}-{name}")
        while not await self._told_to_stop(chance.uniform(0.2, 3.0)):
            await chance.choice(faults)(chance)

    async def _daemon_lane(self, daemon: DaemonProcess, name: str) -> None:
        chance = random.Random(f"{self._seed}-{name}")
        while not await self._told_to_stop(chance.uniform(2.0, 12.0)):
            await self._revive(daemon, unexpected=True)
            how = chance.choice(("kill", "kill", "stop cleanly", "freeze", "freeze", "freeze"))
            long = chance.random() < 0.1
            duration_s = _LONG_STOP_S if long else chance.choice(_HOW_LONG_S)
            self._count(f"daemon: {how}")
            match how:
                case "kill":
                    await daemon.kill()
                case "stop cleanly":
                    await self._stop_cleanly(daemon)
                case _:
                    await _freeze([daemon.pid] if daemon.pid else [], duration_s)
            await self._revive(daemon, unexpected=False)
        await self._revive(daemon, unexpected=True)

    async def _stop_cleanly(self, daemon: DaemonProcess) -> None:
        status = await daemon.stop(limit_s=45.0)
        if status != 0:
            self._tally.unexpected_ends.append(f"a clean stop ended with status {status}")

    async def _revive(self, daemon: DaemonProcess, *, unexpected: bool) -> None:
        """Restart a daemon that has ended, as systemd does."""
        if daemon.running:
            return
        if unexpected:
            self._tally.unexpected_ends.append(daemon.end_of_log())
        while True:
            try:
                await daemon.start(limit_s=120.0)
            except DaemonProcessError as error:
                self._tally.unexpected_ends.append(str(error))
                await daemon.kill()
            else:
                return

    async def _kill_worker(self, chance: random.Random) -> None:
        if pids := self._site.worker_pids():
            self._count("worker: kill")
            _signal([chance.choice(pids)], signal.SIGKILL)

    async def _stop_worker(self, chance: random.Random) -> None:
        if pids := self._site.worker_pids():
            self._count("worker: freeze")
            await _freeze([chance.choice(pids)], chance.choice(_HOW_LONG_S))

    async def _kill_mariadb(self, _chance: random.Random) -> None:
        if pids := self._site.server_pids("mariadbd"):
            self._count("database: kill")
            _signal(pids, signal.SIGKILL)

    async def _stop_mariadb(self, chance: random.Random) -> None:
        if pids := self._site.server_pids("mariadbd"):
            stall = chance.random() < 0.03
            self._count("database: stall of 30 s" if stall else "database: freeze")
            await _freeze(pids, _STALL_S if stall else chance.choice(_HOW_LONG_S))

    async def _kill_nats(self, _chance: random.Random) -> None:
        if pids := self._site.server_pids("nats-server"):
            self._count("nats: kill")
            _signal(pids, signal.SIGKILL)

    async def _stop_nats(self, chance: random.Random) -> None:
        if pids := self._site.server_pids("nats-server"):
            long = chance.random() < 0.05
            self._count("nats: freeze")
            await _freeze(pids, _LONG_STOP_S if long else chance.choice(_HOW_LONG_S))

    async def _partition(self, chance: random.Random) -> None:
        """Disconnect one daemon from the database, NATS or both for a while."""
        link = chance.choice(self._site.links)
        which = chance.choice(([link.database], [link.nats], [link.database, link.nats]))
        self._count("network: partition")
        for proxy in which:
            proxy.partition()
        try:
            long = chance.random() < 0.1
            await asyncio.sleep(_LONG_STOP_S if long else chance.choice(_HOW_LONG_S))
        finally:
            for proxy in which:
                proxy.heal()

    async def _refuse_writes(self, chance: random.Random) -> None:
        """Make the database read-only for a while."""
        with contextlib.suppress(aiomysql.MySQLError, OSError, TimeoutError):
            await self._set_read_only(read_only=True)
            self._count("database: read-only")
            await asyncio.sleep(chance.choice(_HOW_LONG_S))
        while True:
            try:
                return await self._set_read_only(read_only=False)
            except (aiomysql.MySQLError, OSError, TimeoutError):
                await asyncio.sleep(0.1)

    async def _set_read_only(self, *, read_only: bool) -> None:
        async with asyncio.timeout(5.0):
            await self._database(f"SET GLOBAL read_only = {int(read_only)}")

    async def _database(self, statement: str) -> None:
        connection = await self._connected()
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(statement)
        finally:
            connection.close()

    async def _connected(self) -> Any:
        return await aiomysql.connect(
            unix_socket=str(self._site.database_socket),
            user=self._site.database_user,
            connect_timeout=5,
        )

    async def _kill_connections(self, chance: random.Random) -> None:
        """Make the database server cut the connections of some clients."""
        with contextlib.suppress(aiomysql.MySQLError, OSError, TimeoutError):
            async with asyncio.timeout(5.0):
                await self._cut_off(chance)

    async def _cut_off(self, chance: random.Random) -> None:
        connection = await self._connected()
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(
                    "SELECT id FROM information_schema.processlist "
                    "WHERE db = 'eclgrmd' AND id <> CONNECTION_ID()"
                )
                for (client,) in await cursor.fetchall():
                    if chance.random() < 0.5:
                        await cursor.execute(f"KILL {int(client)}")
                        self._count("database: connection cut")
        finally:
            connection.close()

    def _count(self, fault: str) -> None:
        self._tally.faults[fault] += 1

    async def _told_to_stop(self, limit_s: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._stop.wait()
        return self._stop.is_set()


async def _freeze(pids: list[int], duration_s: float) -> None:
    _signal(pids, signal.SIGSTOP)
    try:
        await asyncio.sleep(duration_s)
    finally:
        _signal(pids, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

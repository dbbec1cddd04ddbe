"""The servers that the daemon stands on: somebody's, or private ones that it keeps alive."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.bus import Address as BusAddress
from eclgrmd.embedded import PrivateMariaDB, PrivateNats, PrivateServer
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.load import path_of, read_secret
from eclgrmd.store.sql.address import Address, parse_address
from eclgrmd.store.sql.driver_errors import DamagedError

__all__ = ["Servers", "external_database", "private_database"]

R = TypeVar("R")
_LOOK_S = 5.0
_PATIENCE = 3
"""Looks at which the private NATS server stored nothing, until it is started again."""
_ROOM_BYTES = 16_000_000
"""Free disk space without which a new start would help nothing."""
_CONNECT_LIMIT_S = 60.0
"""How long a start waits for servers that are not our own."""
_RESTART_PAUSES_S = (0.1, 1.0, 3.0, 10.0)


def external_database(settings: Settings) -> Address:
    """Give the address of the database that the settings name."""
    database = settings.database
    secret = read_secret(database.password_file, key="database.password_file")
    return parse_address(database.url, secret, path_of(database.ca_file))


def private_database(server: PrivateMariaDB) -> Address:
    """Give the address of the database of a private server."""
    return Address(server.user, server.database, unix_socket=str(server.unix_socket))


class Servers:
    """Finds or starts MariaDB and NATS.

    Parameters
    ----------
    stack
        Closes the private servers.
    keepers
        Parent of the tasks that start them again when they die.
    stop
        Ends all patience.
    """

    def __init__(
        self,
        settings: Settings,
        stack: AsyncExitStack,
        keepers: asyncio.TaskGroup,
        stop: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._stack = stack
        self._keepers = keepers
        self._stop = stop
        self._log = structlog.get_logger("daemon")
        self._private_nats: PrivateNats | None = None
        self.nats_url = settings.nats.url
        """Where clients find NATS, known once `bus_address` was asked for."""

    async def database_address(self) -> Address:
        """Give the address of the database, with a private server running where none is set."""
        settings = self._settings
        if settings.database.url:
            return external_database(settings)
        server = PrivateMariaDB(settings.state_dir, settings.runtime_dir)
        await self._open(server)
        return private_database(server)

    async def bus_address(self) -> BusAddress:
        """Give the address of NATS, with a private server running where none is set."""
        nats = self._settings.nats
        if nats.url:
            return BusAddress(
                nats.url,
                user=nats.user or None,
                password=read_secret(nats.password_file, key="nats.password_file"),
                token=read_secret(nats.token_file, key="nats.token_file"),
                credentials_file=path_of(nats.credentials_file),
                ca_file=path_of(nats.ca_file),
            )
        server = self._private_nats = PrivateNats(self._settings.state_dir)
        await self._open(server)
        self.nats_url = server.url
        return BusAddress(server.url)

    async def renew_nats(self, fault: Callable[[], str], stop: asyncio.Event) -> None:
        """Start the private NATS server again when it stores nothing though there is room.

        It never stores anything again on a stream that has once met a full disk.
        """
        server, silent = self._private_nats, 0
        if server is None:
            return

        async def look() -> float:
            nonlocal silent
            silent = silent + 1 if fault() else 0
            if silent >= _PATIENCE and await asyncio.to_thread(self._has_room, server):
                self._log.warning("NATS stores nothing and is started again", reason=fault())
                await server.end()
                silent = -_PATIENCE
            return _LOOK_S

        await poll(look, stage="renewal of NATS", stop=stop)

    def _has_room(self, server: PrivateServer) -> bool:
        try:
            return shutil.disk_usage(server.folder).free >= _ROOM_BYTES
        except OSError:
            return False

    async def patiently(self, connect: Callable[[], Awaitable[R]], what: str) -> R:
        """Try until a server that is just starting answers.

        Raises
        ------
        FatalError
            When it does not within a minute, or a stop has come.
        """
        deadline = asyncio.get_running_loop().time() + _CONNECT_LIMIT_S
        while True:
            try:
                return await connect()
            except DamagedError as error:
                raise FatalError(str(error)) from error
            except TransientError as error:
                late = asyncio.get_running_loop().time() > deadline
                if late or self._stop.is_set():
                    raise FatalError(f"{what} does not answer: {error}") from error
                self._log.info("waiting", server=what, reason=str(error))
                await asyncio.sleep(error.delay_s)

    async def _open(self, server: PrivateServer) -> None:
        """Have a private server, also when it dies, until the stack closes it."""
        await self._stack.enter_async_context(server)
        keeper = self._keepers.create_task(self._keep(server), name=f"keep {server.name}")
        self._stack.callback(keeper.cancel)

    async def _keep(self, server: PrivateServer) -> None:
        """Start a private server again when it dies."""
        while (status := await server.wait()) is not None:
            self._log.error("private server died", server=server.name, status=status)
            await self._start_again(server)
            self._log.info("private server is up again", server=server.name)

    async def _start_again(self, server: PrivateServer) -> None:
        """Start a server that may be killed once more on its way up, or have to wait for room."""
        pauses_s = list(_RESTART_PAUSES_S)
        while True:
            try:
                return await server.start()
            except FatalError as error:
                if not pauses_s and await asyncio.to_thread(self._has_room, server):
                    raise
                self._log.warning("private server did not start", reason=str(error))
            await asyncio.sleep(pauses_s.pop(0) if pauses_s else _RESTART_PAUSES_S[-1])

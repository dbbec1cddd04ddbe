"""The servers that the daemon needs: external ones, or private ones that it starts and restarts."""

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

__all__ = ["Servers", "external_database", "migrated_database", "private_database"]

R = TypeVar("R")
_LOOK_S = 5.0
"""Period of the checks of the private NATS server."""
_PATIENCE = 3
"""Number of failed checks in a row after which the private NATS server is restarted."""
_ROOM_BYTES = 16_000_000
"""Free disk space without which a restart would fail: about the logs that the servers allocate."""
_CONNECT_LIMIT_S = 60.0
"""Time for external servers to respond when the daemon starts."""
_RESTART_PAUSES_S = (0.1, 1.0, 3.0, 10.0)
"""Pauses before the attempts to restart a private server; the last one repeats on a full disk."""


def external_database(settings: Settings) -> Address:
    """Return the address of the database that the settings name."""
    database = settings.database
    secret = read_secret(database.password_file, key="database.password_file")
    return parse_address(database.url, secret, path_of(database.ca_file))


def migrated_database(settings: Settings) -> Address | None:
    """Return the same address with the login for migrations; None: there is none of its own.

    Raises
    ------
    FatalError
        If it is another database.
    """
    database = settings.database
    if not database.migration_url:
        return None
    secret = read_secret(database.migration_password_file, key="database.migration_password_file")
    found = parse_address(database.migration_url, secret, path_of(database.ca_file))
    if found.database != external_database(settings).database:
        raise FatalError(
            f"database.migration_url = {database.migration_url!r}: must name the database of "
            "database.url"
        )
    return found


def private_database(server: PrivateMariaDB) -> Address:
    """Return the address of the database of a private server."""
    return Address(server.user, server.database, unix_socket=str(server.unix_socket))


class Servers:
    """Provides the addresses of MariaDB and NATS, and starts private servers where none are set.

    Parameters
    ----------
    settings
        Name the servers.
    stack
        Closes the private servers.
    keepers
        Parent of the tasks that restart private servers when they die.
    stop
        Ends the waiting for servers.
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
        """URL of NATS for clients; that of a private server is known after `bus_address`."""

    async def database_address(self) -> Address:
        """Return the address of the database; start a private server if none is set."""
        settings = self._settings
        if settings.database.url:
            return external_database(settings)
        server = PrivateMariaDB(settings.state_dir, settings.runtime_dir)
        await self._open(server)
        return private_database(server)

    async def bus_address(self) -> BusAddress:
        """Return the address of NATS; start a private server if none is set."""
        nats = self._settings.nats
        if nats.url:
            return BusAddress(
                nats.url,
                user=nats.user or None,
                password=read_secret(nats.password_file, key="nats.password_file"),
                token=read_secret(nats.token_file, key="nats.token_file"),
                credentials_file=path_of(nats.credentials_file),
                nkey_file=path_of(nats.nkey_file),
                ca_file=path_of(nats.ca_file),
            )
        server = self._private_nats = PrivateNats(self._settings.state_dir)
        await self._open(server)
        self.nats_url = server.url
        return BusAddress(server.url)

    async def renew_nats(self, fault: Callable[[], str], stop: asyncio.Event) -> None:
        """Restart the private NATS server when it stores nothing although the disk has room.

        After a full disk a stream of NATS stays unwritable until the server is restarted.

        Parameters
        ----------
        fault
            Returns what is wrong with NATS; empty: nothing.
        stop
            Ends the checks.
        """
        server, silent = self._private_nats, 0
        if server is None:
            return

        async def look() -> float:
            nonlocal silent
            silent = silent + 1 if fault() else 0
            if silent >= _PATIENCE and await asyncio.to_thread(self._has_room, server):
                self._log.warning("NATS stores nothing: restarting it", reason=fault())
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
        """Connect to a server, retrying while it is starting.

        Raises
        ------
        FatalError
            If the server does not respond within a minute, or if a stop is requested.
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
                self._log.info("waiting for a server", server=what, reason=str(error))
                await asyncio.sleep(error.delay_s)

    async def _open(self, server: PrivateServer) -> None:
        """Start a private server, and restart it when it dies, until the stack closes it."""
        await self._stack.enter_async_context(server)
        keeper = self._keepers.create_task(self._keep(server), name=f"keep {server.name}")
        self._stack.callback(keeper.cancel)

    async def _keep(self, server: PrivateServer) -> None:
        """Restart a private server whenever it dies."""
        while (status := await server.wait()) is not None:
            self._log.error("private server died", server=server.name, status=status)
            await self._start_again(server)
            self._log.info("private server restarted", server=server.name)

    async def _start_again(self, server: PrivateServer) -> None:
        """Start a server, retrying if it dies during its start or while the disk is full."""
        pauses_s = list(_RESTART_PAUSES_S)
        while True:
            try:
                return await server.start()
            except FatalError as error:
                if not pauses_s and await asyncio.to_thread(self._has_room, server):
                    raise
                self._log.warning("private server did not start", reason=str(error))
            await asyncio.sleep(pauses_s.pop(0) if pauses_s else _RESTART_PAUSES_S[-1])

"""The daemon's database for commands, beside a running daemon or without one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.errors import TransientError
from eclgrmd.settings.daemon import Settings
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate

from .servers import external_database, migrated_database, private_database

__all__ = ["ledger_database", "own_database"]


@asynccontextmanager
async def own_database(settings: Settings, *, migrating: bool = False) -> AsyncIterator[Database]:
    """Open the external database, or the private one, whose server is started if necessary.

    Parameters
    ----------
    settings
        Name the database.
    migrating
        Whether tables will be created: then by the account for migrations, if there is one.
    """
    async with AsyncExitStack() as stack:
        if settings.database.url:
            address = migrated_database(settings) if migrating else None
            database = _database_at(address or external_database(settings), settings)
            await database.open()
        else:
            database = await _private(settings, stack)
        stack.push_async_callback(database.close)
        yield database


@asynccontextmanager
async def ledger_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database as `own_database` does, with the tables of this version."""
    if settings.database.url:
        async with own_database(settings, migrating=True) as database:
            await migrate(database)
    async with own_database(settings) as database:
        if not settings.database.url:
            await migrate(database)
        yield database


async def _private(settings: Settings, stack: AsyncExitStack) -> Database:
    # The socket of a daemon's server is in the runtime folder, that of a command's in the state
    # folder: without a daemon the runtime folder may not exist.
    for runtime_dir in (settings.runtime_dir, None):
        running = PrivateMariaDB(settings.state_dir, runtime_dir)
        database = _database_at(private_database(running), settings)
        with suppress(TransientError):
            await database.open()
            return database
    server = PrivateMariaDB(settings.state_dir)
    await stack.enter_async_context(server)
    database = _database_at(private_database(server), settings)
    await database.open()
    return database


def _database_at(address: Address, settings: Settings) -> Database:
    database = settings.database
    return Database(address, pool_size=2, timeout_s=database.timeout_s)

"""The opening of the database: migrated first, by the account that may do that."""

import structlog

from eclgrmd.settings.daemon import Settings
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate

from .backup import back_up_tables
from .servers import Servers, migrated_database

__all__ = ["open_migrated"]

_DATABASE = "database"
_CONNECTIONS = 2
"""Connections of the account for migrations: one for the lock, one for the backup before it."""


async def open_migrated(database: Database, settings: Settings, servers: Servers) -> int:
    """Open the database with the newest schema; return the number of the schema.

    Raises
    ------
    FatalError
        If that is not possible.
    """
    if (address := migrated_database(settings)) is None:
        await servers.patiently(database.open, _DATABASE)
        return await servers.patiently(lambda: _migrate(database, settings), _DATABASE)
    other = Database(address, pool_size=_CONNECTIONS, timeout_s=settings.database.timeout_s)
    await servers.patiently(other.open, _DATABASE)
    try:
        version = await servers.patiently(lambda: _migrate(other, settings), _DATABASE)
    finally:
        await other.close()
    await servers.patiently(database.open, _DATABASE)
    return version


async def _migrate(database: Database, settings: Settings) -> int:
    """Migrate the schema, after a backup of the present tables; return its number."""

    async def before(version: int) -> None:
        folder = await back_up_tables(database, settings, version)
        structlog.get_logger("daemon").info(
            "database backed up before its migration", folder=str(folder)
        )

    return await migrate(database, before)

"""Backup and restore of database and files, beside a running daemon or without one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from eclgrmd.clock import utc_now
from eclgrmd.embedded import FolderLock, PrivateMariaDB
from eclgrmd.errors import TransientError
from eclgrmd.settings.daemon import Settings
from eclgrmd.store.maintenance import backup
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database

from .servers import external_database, private_database

__all__ = ["back_up", "back_up_tables", "restore"]


async def back_up(settings: Settings, folder: Path) -> backup.Backup:
    """Write a backup of the database and of all files; a running daemon is not disturbed."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database(settings))
        return await backup.back_up(database, folder, settings.files_dir)


async def back_up_tables(database: Database, settings: Settings, version: int) -> Path:
    """Write a backup of the tables before a migration from schema `version`; return its folder."""
    moment = utc_now().strftime("%Y%m%dT%H%M%SZ")
    folder = settings.state_dir / "backups" / f"schema-{version:04d}-{moment}"
    await backup.back_up(database, folder, None)
    return folder


async def restore(settings: Settings, folder: Path) -> backup.Backup:
    """Restore a backup into an empty database and file store; the daemon must be stopped."""
    async with AsyncExitStack() as stack:
        stack.enter_context(FolderLock(settings.state_dir))
        database = await stack.enter_async_context(_database(settings))
        return await backup.restore(database, folder, settings.files_dir)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    """Open the external database, or the private one, whose server is started if necessary."""
    async with AsyncExitStack() as stack:
        if settings.database.url:
            database = _database_at(external_database(settings), settings)
            await database.open()
        else:
            database = await _private(settings, stack)
        stack.push_async_callback(database.close)
        yield database


async def _private(settings: Settings, stack: AsyncExitStack) -> Database:
    running = PrivateMariaDB(settings.state_dir, settings.runtime_dir)
    database = _database_at(private_database(running), settings)
    try:
        await database.open()
    except TransientError:
        # No daemon runs the server, so start it. Its socket goes into the state folder: without a
        # daemon the runtime folder may not exist.
        server = PrivateMariaDB(settings.state_dir)
        await stack.enter_async_context(server)
        database = _database_at(private_database(server), settings)
        await database.open()
    return database


def _database_at(address: Address, settings: Settings) -> Database:
    database = settings.database
    return Database(address, pool_size=2, timeout_s=database.timeout_s)

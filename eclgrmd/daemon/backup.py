"""Backup and restore of database and files, beside a running daemon or without one."""

from contextlib import AsyncExitStack
from pathlib import Path

from eclgrmd.clock import utc_now
from eclgrmd.embedded import FolderLock
from eclgrmd.settings.daemon import Settings
from eclgrmd.store.maintenance import backup
from eclgrmd.store.sql.database import Database

from .own_database import own_database

__all__ = ["back_up", "back_up_tables", "restore"]


async def back_up(settings: Settings, folder: Path) -> backup.Backup:
    """Write a backup of the database and of all files; a running daemon is not disturbed."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(own_database(settings))
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
        database = await stack.enter_async_context(own_database(settings, migrating=True))
        return await backup.restore(database, folder, settings.files_dir)

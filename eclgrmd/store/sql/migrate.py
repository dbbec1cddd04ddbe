"""Migrations: numbered SQL files that are applied once each, in order."""

import re
from collections.abc import Awaitable, Callable
from importlib import resources

import pymysql

from eclgrmd.clock import utc_now
from eclgrmd.errors import FatalError, TransientError

from .database import Database
from .transaction import Transaction

__all__ = ["migrate", "migrations"]

Before = Callable[[int], Awaitable[None]]
"""Called with the present schema number before the schema changes."""
_LOCK = "eclgrmd-migration"
"""Name of the server's lock that keeps two daemons from migrating at the same time."""
_LOCK_WAIT_S = 8
"""Longest wait for that lock: less than the timeout of a statement (`database.timeout_s`)."""


async def _nothing(_version: int) -> None:
    """Do nothing before a migration."""


def migrations() -> list[tuple[int, str, str]]:
    """Return number, file name and text of every migration, in order."""
    folder = resources.files("eclgrmd.store").joinpath("migrations")
    return sorted(
        (int(named[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if (named := re.fullmatch(r"(\d{4})_(\w+)\.sql", entry.name))
    )


async def migrate(database: Database, before: Before = _nothing) -> int:
    """Migrate the schema to the newest version and return its number.

    Parameters
    ----------
    before
        Called with the present schema number before an existing schema is changed.

    Raises
    ------
    FatalError
        If the schema is newer than this eclgrmd, or differs from what its number says.
    """
    known = migrations()
    try:
        async with database.transaction() as transaction:
            await _lock(transaction)
            try:
                return await _apply(transaction, known, before)
            finally:
                await transaction.value(int, "SELECT RELEASE_LOCK(%(name)s)", name=_LOCK)
    except pymysql.err.Error as error:
        raise FatalError(
            f"the tables of the database cannot be migrated ({error}): restore the database "
            "from a backup: eclgrmd restore DIR"
        ) from error


async def _lock(transaction: Transaction) -> None:
    locked = await transaction.value(
        int, "SELECT GET_LOCK(%(name)s, %(wait_s)s)", name=_LOCK, wait_s=_LOCK_WAIT_S
    )
    if locked != 1:
        raise TransientError("another eclgrmd is migrating the database")


async def _apply(
    transaction: Transaction, known: list[tuple[int, str, str]], before: Before
) -> int:
    if not await transaction.values(str, "SHOW TABLES LIKE 'schema_version'"):
        await transaction.execute(
            "CREATE TABLE schema_version (version INT UNSIGNED NOT NULL PRIMARY KEY, "
            "name VARCHAR(100) NOT NULL, applied_at DATETIME(6) NOT NULL)"
        )
    version = await transaction.value(int, "SELECT MAX(version) FROM schema_version") or 0
    newest = known[-1][0]
    if version > newest:
        raise FatalError(
            f"the database has schema {version}, this eclgrmd knows only {newest}: "
            "install the version of eclgrmd that migrated it, or a newer one"
        )
    if 0 < version < newest:
        await before(version)
    for number, name, text in known:
        if number > version:
            for statement in _statements(text):
                await transaction.execute(statement)
            await transaction.execute(
                "INSERT INTO schema_version (version, name, applied_at) "
                "VALUES (%(number)s, %(name)s, %(at)s)",
                number=number,
                name=name,
                at=utc_now(),
            )
    return newest


def _statements(text: str) -> list[str]:
    bare = re.sub(r"--.*", "", text)
    return [statement.strip() for statement in bare.split(";") if statement.strip()]

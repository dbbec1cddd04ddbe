"""Fixtures: a migrated database for each test."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate


def new_address(mariadb: PrivateMariaDB) -> Address:
    """Return the address of a database that does not exist yet."""
    name = f"test_{uuid4().hex[:12]}"
    return Address(mariadb.user, name, unix_socket=str(mariadb.unix_socket))


async def statements_of(migrated: Address) -> list[str]:
    """Migrate a new database; return the statements that make another one equal to it."""
    database = Database(migrated, pool_size=1, timeout_s=10.0)
    await database.open()
    await migrate(database)
    async with database.reading() as reading:
        tables = await reading.values(str, "SHOW TABLES")
        shown = [await reading.row(dict, f"SHOW CREATE TABLE `{table}`") for table in tables]
    await database.close()
    return [
        "SET FOREIGN_KEY_CHECKS = 0",
        *(row["Create Table"] for row in shown if row is not None),
        f"INSERT INTO schema_version SELECT * FROM {migrated.database}.schema_version",  # noqa: S608 - our own name
    ]


@pytest.fixture(scope="session")
def schema(mariadb: PrivateMariaDB) -> list[str]:
    """Statements that make all tables as the migrations leave them, in a third of the time."""
    # A loop of its own, which does not become the current one of asynchronous tests.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(statements_of(new_address(mariadb)))


@pytest.fixture
def address(mariadb: PrivateMariaDB) -> Address:
    return new_address(mariadb)


@pytest.fixture
async def empty(address: Address) -> AsyncIterator[Database]:
    database = Database(address, pool_size=4, timeout_s=10.0)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def database(schema: list[str], empty: Database) -> Database:
    async with empty.transaction() as transaction:
        for statement in schema:
            transaction.later(statement)
        transaction.later("SET FOREIGN_KEY_CHECKS = 1")
    return empty

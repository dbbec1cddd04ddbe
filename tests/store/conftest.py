"""Fixtures: a migrated database for each test."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.store.sql.address import Address
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate


@pytest.fixture
def address(mariadb: PrivateMariaDB) -> Address:
    name = f"test_{uuid4().hex[:12]}"
    return Address(mariadb.user, name, unix_socket=str(mariadb.unix_socket))


@pytest.fixture
async def empty(address: Address) -> AsyncIterator[Database]:
    database = Database(address, pool_size=4, timeout_s=10.0)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def database(empty: Database) -> Database:
    await migrate(empty)
    return empty

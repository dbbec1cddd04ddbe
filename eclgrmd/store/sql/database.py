"""A database of MySQL or MariaDB: a pool of connections, from which transactions are opened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import aiomysql

from eclgrmd.errors import TransientError
from eclgrmd.tls import tls_context

from .address import Address
from .connections import Connections, Row
from .driver_errors import wrapped
from .identifiers import identifier
from .transaction import Transaction

__all__ = ["Database", "Snapshot"]

_SESSION = (
    # MySQL and MariaDB name the isolation level differently; each reads only its own comment.
    "SET SESSION /*!80000 transaction_isolation = 'READ-COMMITTED', */ "
    "/*M!100000 tx_isolation = 'READ-COMMITTED', */ "
    "time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
    "innodb_lock_wait_timeout = 5"
)
_BATCH = 500


class Snapshot:
    """A view of the database at one moment; rows come as they are read, however many there are."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    async def rows(self, sql: LiteralString) -> list[Row]:
        """Run a query and give all its rows."""
        return [row async for batch in self.batches(sql) for row in batch]

    async def batches(self, sql: LiteralString) -> AsyncIterator[list[Row]]:
        """Run a query and give its rows, some at a time."""
        await self._cursor.execute(sql)
        while batch := await self._cursor.fetchmany(_BATCH):
            yield list(batch)


class Database:
    """A pool of connections."""

    def __init__(self, address: Address, *, pool_size: int, timeout_s: float) -> None:
        self._address = address
        self._pool_size = pool_size
        self._timeout_s = timeout_s
        self._pool: Any = None

    async def open(self) -> None:
        """Connect, and make the database if it is not there.

        Raises
        ------
        TransientError
            When the server does not answer.
        """
        options = self._options()
        with wrapped():
            await self._make_database(options)
            self._pool = await aiomysql.create_pool(
                minsize=1,
                maxsize=self._pool_size,
                db=self._address.database,
                autocommit=True,
                init_command=_SESSION,
                cursorclass=aiomysql.DictCursor,
                pool_recycle=600,
                **options,
            )

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Open a view of the whole database as it is at this moment, whatever is written meanwhile.

        Raises
        ------
        TransientError
            When the server is gone.
        """
        with wrapped():
            connection = await aiomysql.connect(
                db=self._address.database,
                init_command=_SESSION,
                cursorclass=aiomysql.SSDictCursor,
                **self._options(),
            )
            try:
                async with connection.cursor() as cursor:
                    await cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    await cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                    yield Snapshot(cursor)
            finally:
                connection.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.terminate()
            await self._pool.wait_closed()
            self._pool = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction: committed at the end, rolled back on an error.

        Raises
        ------
        TransientError
            When the server is gone, busy or read-only: nothing was written, or (lost during the
            commit) everything was.
        """
        async with self._opened(lasting=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Read only, each query by itself: that saves the round trip of a commit.

        Raises
        ------
        TransientError
            When the server is gone or busy.
        """
        async with self._opened(lasting=False) as transaction:
            yield transaction

    @asynccontextmanager
    async def _opened(self, *, lasting: bool) -> AsyncIterator[Transaction]:
        if self._pool is None:
            raise TransientError("the database is not open")
        connections = Connections(self._pool, self._pool_size + 1)
        with wrapped():
            async with asyncio.timeout(self._timeout_s):
                await connections.take()
            try:
                transaction = Transaction(connections, self._timeout_s, lasting=lasting)
                yield transaction
                await transaction.commit()
            except BaseException:
                # A rollback over a broken connection could hang; the server rolls back by itself.
                connections.drop()
                raise
            finally:
                connections.give_back()

    async def check(self) -> None:
        """Ask the server for an answer, and whether it can be written to."""
        async with self.reading() as transaction:
            read_only = await transaction.value(int, "SELECT @@GLOBAL.read_only")
        if read_only:
            raise TransientError("the database is read-only")

    def _options(self) -> dict[str, Any]:
        address = self._address
        return {
            "user": address.user,
            "host": address.host,
            "port": address.port,
            "unix_socket": address.unix_socket,
            "password": address.password or "",
            "ssl": tls_context(address.ca_file),
            "charset": "utf8mb4",
            "connect_timeout": self._timeout_s,
        }

    async def _make_database(self, options: dict[str, Any]) -> None:
        connection = await aiomysql.connect(**options)
        try:
            async with connection.cursor() as cursor:
                known = await cursor.execute("SHOW DATABASES LIKE %s", (self._address.database,))
                if not known:
                    await cursor.execute(
                        f"CREATE DATABASE {identifier(self._address.database)} "
                        "CHARACTER SET utf8mb4 "
                        "COLLATE utf8mb4_bin"
                    )
        finally:
            connection.close()

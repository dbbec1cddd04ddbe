"""The connection pool of a MySQL or MariaDB database."""

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

_LOCK_WAIT_S = 5
"""Longest wait for a row lock: none of our transactions takes that long on a working server."""
_SESSION = (
    # MySQL and MariaDB name the isolation level differently; each reads only its own comment.
    "SET SESSION /*!80000 transaction_isolation = 'READ-COMMITTED', */ "
    "/*M!100000 tx_isolation = 'READ-COMMITTED', */ "
    "time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
    f"innodb_lock_wait_timeout = {_LOCK_WAIT_S}"
)
_RECYCLE_S = 600
"""Age at which an idle connection is replaced: long before the server's own limit (8 h)."""
_BATCH = 500
"""Rows of a snapshot that are read at a time."""


class Snapshot:
    """A consistent view of the database at one moment, read in batches of any total size."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    async def rows(self, sql: LiteralString) -> list[Row]:
        """Run a query and return all its rows."""
        return [row async for batch in self.batches(sql) for row in batch]

    async def batches(self, sql: LiteralString) -> AsyncIterator[list[Row]]:
        """Run a query and yield its rows in batches."""
        await self._cursor.execute(sql)
        while batch := await self._cursor.fetchmany(_BATCH):
            yield list(batch)


class Database:
    """A connection pool, from which transactions are opened.

    Parameters
    ----------
    address
        Server, database and login.
    pool_size
        Most connections that are open at a time.
    timeout_s
        Longest time that one round trip to the server may take, seconds.
    """

    def __init__(self, address: Address, *, pool_size: int, timeout_s: float) -> None:
        self._address = address
        self._pool_size = pool_size
        self._timeout_s = timeout_s
        self._pool: Any = None

    async def open(self) -> None:
        """Connect, and create the database if it does not exist.

        Raises
        ------
        TransientError
            If the server does not respond.
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
                pool_recycle=_RECYCLE_S,
                **options,
            )

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Open a consistent view of the whole database; later writes do not appear in it.

        Raises
        ------
        TransientError
            If the server is gone.
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
        """Open a transaction that is committed at the end and rolled back on an error.

        Raises
        ------
        TransientError
            If the server is gone, busy or read-only. Nothing was written, unless the connection
            was lost during the commit: then everything may have been.
        """
        async with self._opened(lasting=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Open a reader: its queries run without a transaction, which saves the trip of a commit.

        Raises
        ------
        TransientError
            If the server is gone or busy.
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
                # ROLLBACK on a broken connection could hang. The server rolls back when it closes.
                connections.drop()
                raise
            finally:
                connections.give_back()

    async def check(self) -> None:
        """Check that the server responds and accepts writes.

        Raises
        ------
        TransientError
            If it does not.
        """
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

"""Connections and transactions of MySQL or MariaDB."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import aiomysql
import pymysql

from eclgrmd.errors import FatalError, TransientError

__all__ = ["Address", "Database", "Snapshot", "Transaction", "parse_address", "utc_now"]

_GONE = frozenset({1053, 1129, 1927, 2003, 2006, 2013, 2014, 2055})
"""Server or connection is gone: another connection may work."""
_PASSING = _GONE | {1040, 1062, 1203, 1205, 1213, 1290, 1836}
"""... or too many connections, a collision, read-only for now."""
_REFUSED = frozenset({1044, 1045, 1698, 3159})
"""The login is wrong, or must be by TLS."""
_COLLIDED = frozenset({1062, 1205, 1213})
"""Somebody else has just written the same, or holds what we want."""
_COLLISION_DELAY_S = 0.05
"""After a deadlock or a lock timeout, the other one has most likely finished."""
_SESSION = (
    # MySQL and MariaDB name the isolation level differently; each reads only its own comment.
    "SET SESSION /*!80000 transaction_isolation = 'READ-COMMITTED', */ "
    "/*M!100000 tx_isolation = 'READ-COMMITTED', */ "
    "time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
    "innodb_lock_wait_timeout = 5"
)
_BATCH = 500
Row = dict[str, Any]


class Address(NamedTuple):
    """Where the database is and who we are to it."""

    user: str
    database: str
    host: str = "localhost"
    port: int = 3306
    unix_socket: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    """Certificate authority: given, the connection is TLS and the server's name is checked."""


def parse_address(url: str, password: str | None, ca_file: Path | None = None) -> Address:
    """Read `mysql://user@host:port/name?unix_socket=PATH`.

    Raises
    ------
    FatalError
        When a part that is needed is missing.
    """
    parts = urlsplit(url)
    name = parts.path.strip("/")
    if not parts.username or not name:
        raise FatalError(f"database.url = {url!r}: must be mysql://user@host:port/name")
    query = parse_qs(parts.query)
    return Address(
        user=unquote(parts.username),
        database=unquote(name),
        host=parts.hostname or "localhost",
        port=parts.port or 3306,
        unix_socket=query.get("unix_socket", [None])[0],
        password=password,
        ca_file=ca_file,
    )


def utc_now() -> datetime:
    """Give the present in UTC, without zone, as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


class Transaction:
    """One open transaction; all statements take named parameters, tuples as lists for IN.

    Each round trip to the server costs as much as some statements: what nobody waits for is put
    off with `later`, and travels with the next statement or with the commit.
    """

    def __init__(
        self, connections: "_Connections", timeout_s: float, *, lasting: bool = True
    ) -> None:
        self._connections = connections
        self._timeout_s = timeout_s
        self._lasting = lasting
        self._later: list[str] = ["BEGIN"] if lasting else []
        self._begun = False

    def later(self, sql: str, **parameters: object) -> None:
        """Run a statement before the next one, or before the commit."""
        self._later.append(self._connections.filled(sql, parameters))

    async def execute(self, sql: str, **parameters: object) -> int:
        """Run a statement and give the number of rows that it touched."""
        self.later(sql, **parameters)
        await self._send()
        return int(self._connections.cursor.rowcount)

    async def row(self, sql: str, **parameters: object) -> Row | None:
        """Run a query and give its first row, if any."""
        await self.execute(sql, **parameters)
        found: Row | None = await self._connections.cursor.fetchone()
        return found

    async def rows(self, sql: str, **parameters: object) -> list[Row]:
        """Run a query and give all its rows."""
        await self.execute(sql, **parameters)
        return list(await self._connections.cursor.fetchall())

    def insert_many(self, sql: str, values: str, rows: Sequence[Row], tail: str = "") -> None:
        """Insert several rows with one statement, later: `sql` goes up to VALUES."""
        if rows:
            listed = ", ".join(self._connections.filled(values, row) for row in rows)
            self._later.append(f"{sql} VALUES {listed} {tail}")

    async def commit(self) -> None:
        """Make it last."""
        if len(self._later) > 1 and not self._begun:
            await self._send()  # with the commit, it could not be sent again over a lost connection
        if self._lasting and self._begun:
            self._later.append("COMMIT")
            await self._send()

    async def _send(self) -> None:
        text = "; ".join(self._later)
        self._later.clear()
        async with asyncio.timeout(self._timeout_s):
            if self._begun:
                await self._connections.run(text)
            else:
                await self._connections.run_first(text)
        self._begun = True


class Snapshot:
    """A view of the database at one moment; rows come as they are read, however many there are."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    async def rows(self, sql: str) -> list[Row]:
        """Run a query and give all its rows."""
        return [row async for batch in self.batches(sql) for row in batch]

    async def batches(self, sql: str) -> AsyncIterator[list[Row]]:
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
        with _wrapped():
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
        with _wrapped():
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
        connections = _Connections(self._pool, self._pool_size + 1)
        with _wrapped():
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
            row = await transaction.row("SELECT @@GLOBAL.read_only AS read_only")
        if row and int(row["read_only"]):
            raise TransientError("the database is read-only")

    def _options(self) -> dict[str, Any]:
        address = self._address
        return {
            "user": address.user,
            "host": address.host,
            "port": address.port,
            "unix_socket": address.unix_socket,
            "password": address.password or "",
            "ssl": _tls(address),
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
                        f"CREATE DATABASE `{self._address.database}` CHARACTER SET utf8mb4 "
                        "COLLATE utf8mb4_bin"
                    )
        finally:
            connection.close()


def _tls(address: Address) -> ssl.SSLContext | None:
    if address.ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=address.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise FatalError(f"no certificates can be read from {address.ca_file}: {error}") from error


class _Connections:
    """The connection of a transaction, and others in its place while it has done nothing yet."""

    def __init__(self, pool: Any, most: int) -> None:
        self._pool = pool
        self._most = most
        self._connection: Any = None
        self.cursor: Any = None

    async def take(self) -> None:
        """Have a connection of the pool."""
        self._connection = await self._pool.acquire()
        self.cursor = await self._connection.cursor()

    def filled(self, sql: str, parameters: Row) -> str:
        """Put parameters into a statement."""
        return sql % {name: self._literal(value) for name, value in parameters.items()}

    def _literal(self, value: object) -> str:
        if isinstance(value, tuple):
            return f"({', '.join(self._literal(each) for each in value)})"
        text: str = self._connection.escape(value)
        return text

    async def run(self, text: str) -> None:
        """Run some statements in one round trip; the cursor holds what the last one gave."""
        await self.cursor.execute(text)
        while await self.cursor.nextset():
            continue

    async def run_first(self, text: str) -> None:
        """Run the first statements: the pool may hold connections that the server has closed."""
        for _ in range(self._most):
            try:
                return await self.run(text)
            except (pymysql.err.Error, OSError) as error:
                if not _is_gone(error):
                    raise
            self.drop()
            self.give_back()
            await self.take()
        return await self.run(text)

    def drop(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()

    def give_back(self) -> None:
        """Leave the connection to others, unless it is closed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.release(connection)


def _is_gone(error: Exception) -> bool:
    code = error.args[0] if error.args else 0
    return isinstance(error, pymysql.err.InterfaceError | OSError) or code in _GONE


class _wrapped:  # noqa: N801 - reads as a statement, like contextlib's own
    """Turn the driver's errors into ours at the edge."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise TransientError("database: no answer in time") from error
        if isinstance(error, pymysql.err.Error):
            code = error.args[0] if error.args else 0
            if code in _REFUSED:
                raise FatalError(f"the database server refuses our login: {error}") from error
            if isinstance(error, pymysql.err.InterfaceError) or code in _PASSING:
                delay_s = _COLLISION_DELAY_S if code in _COLLIDED else 1.0
                why = f": {error.__cause__}" if error.__cause__ else ""
                raise TransientError(f"database: {error}{why}", delay_s=delay_s) from error
        if isinstance(error, OSError | RuntimeError) and "losed" in str(error):
            raise TransientError(f"database: {error}") from error

"""The connection of a transaction, taken from the pool."""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

import pymysql

from .driver_errors import is_gone

__all__ = ["Connections", "Result", "Row"]

Row = dict[str, Any]
"""A row as the driver returns it: values by column name."""


class Result(NamedTuple):
    """The result of one statement."""

    rows: list[Row]
    """The rows of a query; empty for other statements."""
    touched: int
    """Number of rows that the statement changed or found."""


class Connections:
    """Keeps one pooled connection for a transaction, and replaces it if the server closed it.

    Parameters
    ----------
    pool
        The pool of aiomysql.
    most
        Number of connections that may be dead before the first statement gives up: one more than
        the pool can hold.
    """

    def __init__(self, pool: Any, most: int) -> None:
        self._pool = pool
        self._most = most
        self._connection: Any = None
        self._cursor: Any = None

    async def take(self) -> None:
        """Acquire a connection from the pool."""
        self._connection = await self._pool.acquire()
        self._cursor = await self._connection.cursor()

    def filled(self, sql: LiteralString, parameters: Row) -> str:
        """Return a statement with parameters quoted by the driver; tuples become lists for IN."""
        single: dict[str, object] = {}
        for name, value in parameters.items():
            if isinstance(value, tuple):
                members = {f"{name}_{number}": each for number, each in enumerate(value)}
                placeholders = ", ".join(f"%({member})s" for member in members)
                sql = sql.replace(f"%({name})s", f"({placeholders})")
                single |= members
            else:
                single[name] = value
        return self._mogrified(sql, single)

    def _mogrified(self, sql: LiteralString, parameters: Row) -> str:
        sendable = {name: _sendable(value) for name, value in parameters.items()}
        text: str = self._cursor.mogrify(sql, sendable)
        return text

    async def run(self, text: str) -> list[Result]:
        """Run statements in one round trip and return the result of each."""
        await self._cursor.execute(text)
        results = [await self._result()]
        while await self._cursor.nextset():
            results.append(await self._result())
        return results

    async def _result(self) -> Result:
        rows = [] if self._cursor.description is None else await self._cursor.fetchall()
        return Result(list(rows), int(self._cursor.rowcount))

    async def insert_all(self, sql: LiteralString, rows: Sequence[Row]) -> None:
        """Run a statement once for each row."""
        await self._cursor.executemany(
            sql, [{name: _sendable(value) for name, value in row.items()} for row in rows]
        )

    async def run_first(self, text: str) -> list[Result]:
        """Run the first statements of a transaction.

        The pool may hold connections that the server has closed. Each is replaced: nothing has
        been executed yet, so that sending the statements again is safe.
        """
        for _ in range(self._most):
            try:
                return await self.run(text)
            except (pymysql.err.Error, OSError) as error:
                if not is_gone(error):
                    raise
            self.drop()
            self.give_back()
            await self.take()
        return await self.run(text)

    def drop(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def give_back(self) -> None:
        """Release the connection to the pool, which discards a closed one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.release(connection)


def _sendable(value: object) -> object:
    """Return a value that can be encoded as UTF-8.

    A file name of arbitrary bytes contains lone surrogates, which UTF-8 cannot represent.
    """
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode()
    return value

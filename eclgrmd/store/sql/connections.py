"""The connection of a transaction, out of the pool."""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

import pymysql

from .driver_errors import is_gone

__all__ = ["Connections", "Result", "Row"]

Row = dict[str, Any]


class Result(NamedTuple):
    """What one statement gave."""

    rows: list[Row]
    touched: int
    """How many rows it changed, or found."""


class Connections:
    """The connection of a transaction, and others in its place while it has done nothing yet."""

    def __init__(self, pool: Any, most: int) -> None:
        self._pool = pool
        self._most = most
        self._connection: Any = None
        self._cursor: Any = None

    async def take(self) -> None:
        """Have a connection of the pool."""
        self._connection = await self._pool.acquire()
        self._cursor = await self._connection.cursor()

    def filled(self, sql: LiteralString, parameters: Row) -> str:
        """Return a statement into which the driver has put its parameters; tuples are lists."""
        single: dict[str, object] = {}
        for name, value in parameters.items():
            if isinstance(value, tuple):
                members = {f"{name}_{number}": each for number, each in enumerate(value)}
                places = ", ".join(f"%({member})s" for member in members)
                sql = sql.replace(f"%({name})s", f"({places})")
                single |= members
            else:
                single[name] = value
        return self._mogrified(sql, single)

    def _mogrified(self, sql: LiteralString, parameters: Row) -> str:
        sendable = {name: _sendable(value) for name, value in parameters.items()}
        text: str = self._cursor.mogrify(sql, sendable)
        return text

    async def run(self, text: str) -> list[Result]:
        """Run some statements in one round trip; give what each of them gave."""
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
        """Run the first statements: the pool may hold connections that the server has closed."""
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
        """Hang up."""
        if self._connection is not None:
            self._connection.close()

    def give_back(self) -> None:
        """Leave the connection to others, unless it is closed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.release(connection)


def _sendable(value: object) -> object:
    """Return a value in a form that can be sent.

    Half of a pair of surrogates, as in a file name of any bytes, has no UTF-8 form.
    """
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode()
    return value

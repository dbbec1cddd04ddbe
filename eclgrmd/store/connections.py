"""The connection of a transaction, out of the pool."""

from typing import Any, NamedTuple

import pymysql

from .trouble import is_gone

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

    def filled(self, sql: str, parameters: Row) -> str:
        """Put parameters into a statement."""
        return sql % {name: self._literal(value) for name, value in parameters.items()}

    def _literal(self, value: object) -> str:
        if isinstance(value, tuple):
            return f"({', '.join(self._literal(each) for each in value)})"
        if isinstance(value, str):
            return _quoted(value)
        text: str = self._connection.escape(value)
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


def _quoted(text: str) -> str:
    """Quote a text as the server reads it in our `sql_mode` and character set.

    Within single quotes only these two characters have a meaning. The driver escapes more, and
    takes thirty times as long for a message of some kB, of which every commit has several.
    """
    if not text.isascii():
        # Half of a pair of surrogates, as in a file name of any bytes, has no UTF-8 form.
        text = text.encode("utf-8", "backslashreplace").decode()
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

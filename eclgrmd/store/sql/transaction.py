"""Transactions: statements, their results, and the commit."""

import asyncio
from collections.abc import Sequence
from typing import Any, Generic, LiteralString, TypeVar

import msgspec

from .announcement import Announcement
from .connections import Connections, Result, Row

__all__ = ["Answer", "Transaction"]

T = TypeVar("T")


class Answer(Generic[T]):
    """The future result of a query; reading it sends all statements that are still pending."""

    def __init__(self, transaction: "Transaction", kind: type[T]) -> None:
        self._transaction = transaction
        self._kind = kind
        self._result: Result | None = None

    def settle(self, result: Result) -> None:
        """Store the server's result."""
        self._result = result

    async def rows(self) -> list[T]:
        """Return all rows."""
        return [_read(row, self._kind) for row in (await self._settled()).rows]

    async def row(self) -> T | None:
        """Return the first row, if any."""
        return next(iter(await self.rows()), None)

    async def value(self) -> T | None:
        """Return the first column of the first row; None if there is no row, or for NULL."""
        found = next((next(iter(row.values())) for row in (await self._settled()).rows), None)
        return None if found is None else _read(found, self._kind)

    async def values(self) -> list[T]:
        """Return the first column of all rows."""
        found = (await self._settled()).rows
        return [_read(next(iter(row.values())), self._kind) for row in found]

    async def touched(self) -> int:
        """Return the number of rows that the statement changed or found."""
        return (await self._settled()).touched

    async def _settled(self) -> Result:
        if self._result is None:
            await self._transaction.send()
        if self._result is None:
            raise LookupError("the transaction of this query has ended")
        return self._result


class Transaction:
    """An open transaction; statements take named parameters, and tuples as lists for IN.

    A round trip to the server costs as much as several statements. Statements whose result nobody
    needs are therefore deferred with `later` and sent with the next query or the commit. Queries
    that do not depend on each other are deferred with `ask` and sent together when the first
    result is read.

    Parameters
    ----------
    connections
        The connection.
    timeout_s
        Longest time of one round trip, seconds.
    lasting
        Whether the statements form a transaction with a commit; otherwise they only read.
    """

    def __init__(self, connections: Connections, timeout_s: float, *, lasting: bool = True) -> None:
        self._connections = connections
        self._timeout_s = timeout_s
        self._lasting = lasting
        self._later: list[str] = ["BEGIN"] if lasting else []
        self._asked: dict[int, Answer[Any]] = {}
        """Pending queries by the position of their statement in `_later`."""
        self.announcements: list[Announcement] = []
        """Announcements that may be published once this transaction is committed."""
        self._begun = False
        self._over = False

    def later(self, sql: LiteralString, /, **parameters: object) -> None:
        """Defer a statement; it is sent before the next query, or with the commit."""
        self._later.append(self._connections.filled(sql, parameters))

    def ask(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> Answer[T]:
        """Defer a query whose rows are converted to `kind`, and return its future result."""
        answer = Answer(self, kind)
        self._asked[len(self._later)] = answer
        self.later(sql, **parameters)
        return answer

    async def execute(self, sql: LiteralString, /, **parameters: object) -> int:
        """Run a statement and return the number of rows that it changed or found."""
        return await self.ask(object, sql, **parameters).touched()

    async def row(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> T | None:
        """Run a query and return its first row, if any."""
        return await self.ask(kind, sql, **parameters).row()

    async def rows(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> list[T]:
        """Run a query and return all its rows."""
        return await self.ask(kind, sql, **parameters).rows()

    async def value(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> T | None:
        """Run a query and return the first column of its first row; None if there is none."""
        return await self.ask(kind, sql, **parameters).value()

    async def values(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> list[T]:
        """Run a query and return the first column of all rows."""
        return await self.ask(kind, sql, **parameters).values()

    async def insert_all(self, sql: LiteralString, rows: Sequence[Row]) -> None:
        """Insert many rows; the driver combines them into few statements."""
        await self.send()
        async with asyncio.timeout(self._timeout_s):
            await self._connections.insert_all(sql, rows)

    async def commit(self) -> None:
        """Send pending statements and commit."""
        if self._over:
            return
        if len(self._later) > 1 and not self._begun:
            # Without COMMIT, so that they can be sent again if the pooled connection is dead.
            await self.send()
        if self._lasting and self._begun:
            self._later.append("COMMIT")
            await self.send()
        self._over = True

    async def send(self) -> None:
        """Send the pending statements."""
        if not self._later or self._over:
            return
        text, asked = "; ".join(self._later), self._asked
        self._later, self._asked = [], {}
        async with asyncio.timeout(self._timeout_s):
            if self._begun:
                results = await self._connections.run(text)
            else:
                results = await self._connections.run_first(text)
        self._begun = True
        for position, answer in asked.items():
            answer.settle(results[position])


def _read(found: Any, kind: type[T]) -> T:
    """Convert a row or a value of the driver to a type."""
    return msgspec.convert(found, kind)

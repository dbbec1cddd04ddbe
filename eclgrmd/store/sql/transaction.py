"""One open transaction: statements, what they give, and the commit."""

import asyncio
from collections.abc import Sequence
from typing import Any, Generic, LiteralString, TypeVar

import msgspec

from .announcement import Announcement
from .connections import Connections, Result, Row

__all__ = ["Answer", "Transaction"]

T = TypeVar("T")


class Answer(Generic[T]):
    """What a query gives, once it has travelled to the server and back."""

    def __init__(self, transaction: "Transaction", kind: type[T]) -> None:
        self._transaction = transaction
        self._kind = kind
        self._result: Result | None = None

    def settle(self, result: Result) -> None:
        """Take what the server said."""
        self._result = result

    async def rows(self) -> list[T]:
        """Return all rows; what has not been sent yet is sent for that."""
        return [_read(row, self._kind) for row in (await self._settled()).rows]

    async def row(self) -> T | None:
        """Return the first row, if any."""
        return next(iter(await self.rows()), None)

    async def value(self) -> T | None:
        """Return the first column of the first row; None: no row, or NULL."""
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
            raise LookupError("its transaction is over")
        return self._result


class Transaction:
    """One open transaction; all statements take named parameters, tuples as lists for IN.

    Each round trip to the server costs as much as some statements: what nobody waits for is put
    off with `later`, and travels with the next statement or with the commit; queries that do not
    depend on each other are put with `ask`, and travel together when the first answer is wanted.
    """

    def __init__(self, connections: Connections, timeout_s: float, *, lasting: bool = True) -> None:
        self._connections = connections
        self._timeout_s = timeout_s
        self._lasting = lasting
        self._later: list[str] = ["BEGIN"] if lasting else []
        self._asked: dict[int, Answer[Any]] = {}
        """By the position of its statement in `_later`."""
        self.promised: list[Announcement] = []
        """What is to be announced once this is committed."""
        self._begun = False
        self._over = False

    def later(self, sql: LiteralString, /, **parameters: object) -> None:
        """Run a statement before the next one, or before the commit."""
        self._later.append(self._connections.filled(sql, parameters))

    def ask(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> Answer[T]:
        """Run a query as `later` does, whose rows are of some kind."""
        answer = Answer(self, kind)
        self._asked[len(self._later)] = answer
        self.later(sql, **parameters)
        return answer

    async def execute(self, sql: LiteralString, /, **parameters: object) -> int:
        """Run a statement and return the number of rows that it touched."""
        return await self.ask(object, sql, **parameters).touched()

    async def row(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> T | None:
        """Run a query and return its first row, if any."""
        return await self.ask(kind, sql, **parameters).row()

    async def rows(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> list[T]:
        """Run a query and return all its rows."""
        return await self.ask(kind, sql, **parameters).rows()

    async def value(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> T | None:
        """Run a query and return the first column of its first row; None: no row, or NULL."""
        return await self.ask(kind, sql, **parameters).value()

    async def values(self, kind: type[T], sql: LiteralString, /, **parameters: object) -> list[T]:
        """Run a query and return its first column."""
        return await self.ask(kind, sql, **parameters).values()

    async def insert_all(self, sql: LiteralString, rows: Sequence[Row]) -> None:
        """Insert many rows in as few statements as the driver can make of them."""
        await self.send()
        async with asyncio.timeout(self._timeout_s):
            await self._connections.insert_all(sql, rows)

    async def commit(self) -> None:
        """Make it last; what was asked and not sent yet is answered with that."""
        if self._over:
            return
        if len(self._later) > 1 and not self._begun:
            await self.send()  # with the commit, it could not be sent again over a lost connection
        if self._lasting and self._begun:
            self._later.append("COMMIT")
            await self.send()
        self._over = True

    async def send(self) -> None:
        """Send what was put off."""
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
    """Return a row or a value of the driver as what it is to be."""
    return msgspec.convert(found, kind)

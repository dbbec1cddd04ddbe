"""`eclgrmd serve` that kills itself at a chosen point; only the testbench starts it.

The variable `CRASH_AT` says where: `before commit:7` is just before the seventh commit that writes
something, `after publish:3` just after the third announcement that NATS acknowledged.
"""

import functools
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import aiomysql

from eclgrmd.bus import Bus, Delivery
from eclgrmd.cli import main

__all__ = ["KINDS"]

KINDS = ("commit", "ack", "publish")
"""What a point is before or after: a commit, the end of an incoming message, an announcement."""
_WRITES = ("INSERT", "UPDATE", "REPLACE", "DELETE")
Method = Callable[..., Awaitable[Any]]


class Crashes:
    """Counts points, and kills the process at one."""

    def __init__(self, wanted: str) -> None:
        self._point, _, number = wanted.partition(":")
        self._number = int(number)
        self._passed: Counter[str] = Counter()

    def around(self, kind: str, method: Method) -> Method:
        """Give a method with a point before and one after it."""

        @functools.wraps(method)
        async def wrapped(*arguments: Any, **named: Any) -> Any:
            self._pass(f"before {kind}")
            done = await method(*arguments, **named)
            self._pass(f"after {kind}")
            return done

        return wrapped

    def _pass(self, point: str) -> None:
        self._passed[point] += 1
        if point == self._point and self._passed[point] == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


def install(crashes: Crashes) -> None:
    """Put the points into the classes that commit, acknowledge and announce."""
    commit, execute = aiomysql.Connection.commit, aiomysql.Cursor.execute
    counted, wrote = crashes.around("commit", commit), set()

    async def noted_execute(cursor: Any, query: str | bytes, args: Any = None) -> Any:
        text = query if isinstance(query, str) else query.decode()
        if text.startswith(_WRITES):
            wrote.add(id(cursor.connection))
        return await execute(cursor, query, args)

    async def counted_commit(connection: Any) -> Any:
        if id(connection) not in wrote:
            return await commit(connection)
        wrote.discard(id(connection))
        return await counted(connection)

    aiomysql.Cursor.execute, aiomysql.Connection.commit = noted_execute, counted_commit
    Delivery.ack = crashes.around("ack", Delivery.ack)  # type: ignore[method-assign, assignment]  # on purpose
    Bus.publish = crashes.around("publish", Bus.publish)  # type: ignore[method-assign, assignment]  # as above


if __name__ == "__main__":
    install(Crashes(os.environ.pop("CRASH_AT")))
    sys.exit(main())

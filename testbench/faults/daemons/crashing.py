"""`eclgrmd serve` that kills itself at a chosen point; only the testbench starts it.

The variable `CRASH_AT` names the point: `before commit:7` is just before the seventh commit that
writes something, `after publish:3` just after the third announcement that NATS acknowledged.
"""

import functools
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakSet

from eclgrmd.bus import Bus, Delivery
from eclgrmd.cli import main
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["KINDS"]

KINDS = ("commit", "ack", "publish")
"""Kinds of points: a commit, the end of an incoming message, an announcement."""
_WRITES = ("INSERT", "UPDATE", "REPLACE", "DELETE")
Method = Callable[..., Awaitable[Any]]


class Crashes:
    """Counts the points that are passed and kills the process at the chosen one."""

    def __init__(self, wanted: str) -> None:
        self._point, _, number = wanted.partition(":")
        self._number = int(number)
        self._passed: Counter[str] = Counter()

    def around(self, kind: str, method: Method) -> Method:
        """Return the method with a point before and one after it."""

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
    """Install the points in the classes that commit, acknowledge and announce."""
    commit, later = Transaction.commit, Transaction.later
    counted, writers = crashes.around("commit", commit), WeakSet[Transaction]()

    def noted_later(self: Transaction, sql: str, /, **parameters: object) -> None:
        if sql.startswith(_WRITES):
            writers.add(self)
        later(self, sql, **parameters)

    async def counted_commit(self: Transaction) -> None:
        await (counted(self) if self in writers else commit(self))

    Transaction.later = noted_later  # type: ignore[method-assign]  # on purpose
    Transaction.commit = counted_commit  # type: ignore[method-assign]  # on purpose
    Delivery.ack = crashes.around("ack", Delivery.ack)  # type: ignore[method-assign, assignment]  # on purpose
    Bus.publish = crashes.around("publish", Bus.publish)  # type: ignore[method-assign, assignment]  # as above


if __name__ == "__main__":
    install(Crashes(os.environ.pop("CRASH_AT")))
    sys.exit(main())

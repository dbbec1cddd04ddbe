"""Calls that wait for a worker, and whose turn it is."""

import itertools
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from .request import Request

__all__ = ["Waiting"]

_REMEMBERED = 10_000
"""Shares of which it is known when they were served last."""


class _Entry(NamedTuple):
    priority: int
    order: int
    request: Request


class Waiting:
    """A fair queue: by priority, then by share, then in the order of arrival.

    Of the shares that wait (senders, bursts), the one with the fewest running calls goes first, and
    among those the one that was served longest ago. So one that sends much, or what takes long,
    delays itself.

    Parameters
    ----------
    workers
        Calls that may run at a time. The widest share of a call, as a sender, never has all of
        them, and the next narrower, as a burst, never all of those.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._entries: list[_Entry] = []
        self._order = itertools.count()
        self._served: dict[str, int] = {}
        """By share: its last turn; the one served longest ago comes first."""
        self._turns = itertools.count(1)

    def __len__(self) -> int:
        """Return how many calls somebody still waits for."""
        return sum(not entry.request.answer.done() for entry in self._entries)

    def put(self, priority: int, request: Request) -> None:
        """Add a call; of those waiting, the lowest priority goes first."""
        self._entries.append(_Entry(priority, next(self._order), request))

    def take(self, running: Iterable[Request]) -> Request | None:
        """Remove and return the next call; None where there is none that may begin.

        None may begin where one of its shares has as many calls running as it may have.
        """
        self._entries = [each for each in self._entries if not each.request.answer.done()]
        busy = Counter(share for request in running for share in request.shares)
        able = [entry for entry in self._entries if self._may_begin(entry.request, busy)]
        if not able:
            return None
        chosen = min(able, key=lambda entry: self._rank(entry, busy))
        self._entries.remove(chosen)
        self._note_turn(chosen.request.shares)
        return chosen.request

    def clear(self) -> list[Request]:
        """Remove and return all calls."""
        requests = [entry.request for entry in self._entries]
        self._entries.clear()
        return requests

    def _may_begin(self, request: Request, busy: Counter[str]) -> bool:
        return all(
            busy[share] < max(self._workers - level, 1)
            for level, share in enumerate(request.shares, start=1)
        )

    def _rank(
        self, entry: _Entry, busy: Counter[str]
    ) -> tuple[int, tuple[tuple[int, int], ...], int]:
        levels = tuple((busy[each], self._served.get(each, 0)) for each in entry.request.shares)
        return entry.priority, levels, entry.order

    def _note_turn(self, shares: tuple[str, ...]) -> None:
        for share in shares:
            self._served.pop(share, None)
            self._served[share] = next(self._turns)
        while len(self._served) > _REMEMBERED:
            del self._served[next(iter(self._served))]

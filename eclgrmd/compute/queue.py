"""The queue of calls that wait for a worker."""

import itertools
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from .request import Request

__all__ = ["FairQueue"]

_REMEMBERED = 10_000
"""Number of shares whose last turn is remembered; the oldest are forgotten."""


class _Entry(NamedTuple):
    """A waiting call."""

    priority: int
    """The lowest goes first."""
    order: int
    """Number of its arrival."""
    request: Request
    """The call."""


class FairQueue:
    """A queue ordered by priority, then fairly among shares, then by arrival.

    A share is an owner of calls, such as a sender or a burst. Among the waiting shares, the one
    with the fewest running calls goes first, then the one that was served longest ago. A share with
    many or long calls therefore delays only itself.

    Parameters
    ----------
    workers
        Number of calls that can run at a time. One share of the widest level (a sender) runs at
        most ``workers - 1`` of them, one of the next level (a burst) at most ``workers - 2``; each
        at least one.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._entries: list[_Entry] = []
        self._order = itertools.count()
        self._served: dict[str, int] = {}
        """Number of the last turn of each share, the one served longest ago first."""
        self._turns = itertools.count(1)

    def __len__(self) -> int:
        """Return the number of waiting calls that were not cancelled."""
        return sum(not entry.request.answer.done() for entry in self._entries)

    def put(self, priority: int, request: Request) -> None:
        """Add a call; the one with the lowest priority number goes first."""
        self._entries.append(_Entry(priority, next(self._order), request))

    def take(self, running: Iterable[Request]) -> Request | None:
        """Remove and return the next call.

        Returns
        -------
        Request or None
            None if no call waits, or if each waiting call belongs to a share that already has as
            many running calls as it may have.
        """
        self._entries = [entry for entry in self._entries if not entry.request.answer.done()]
        busy = Counter(share for request in running for share in request.shares)
        allowed = [entry for entry in self._entries if self._may_begin(entry.request, busy)]
        if not allowed:
            return None
        chosen = min(allowed, key=lambda entry: self._rank(entry, busy))
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
        shares = entry.request.shares
        levels = tuple((busy[share], self._served.get(share, 0)) for share in shares)
        return entry.priority, levels, entry.order

    def _note_turn(self, shares: tuple[str, ...]) -> None:
        for share in shares:
            self._served.pop(share, None)
            self._served[share] = next(self._turns)
        while len(self._served) > _REMEMBERED:
            del self._served[next(iter(self._served))]

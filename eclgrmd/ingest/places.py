"""Who may be fetched from next: hosts take turns, and none holds the places of the others."""

from collections import Counter
from collections.abc import Iterator

from eclgrmd.store.intake.notifications import Fetch

__all__ = ["Places"]

_TRANSFERS = 32
"""Files that come at the same time."""
_TRANSFERS_OF_A_HOST = 4
_TRANSFERS_OF_A_BURST = 8
"""More than of a host, so that one host does not hold up a burst whose files lie on several."""
_TRANSFERS_OF_FAILING_HOSTS = 8
"""All of them together: the other places are for hosts that work or were not tried yet."""
_IN_HAND = 128
"""Files that come, or have come and wait for their inspection."""
_WAITING_OF_A_BURST = 4
"""Files that have come and wait for their inspection."""
_FAILING_HOSTS = 1000
"""Hosts whose failure is remembered; beyond them, the oldest is forgotten."""


class Places:
    """Places for the files that are being fetched, shared fairly by hosts and bursts.

    A host fails from the first fetch that fails until a file comes from it. It has one place only.
    """

    def __init__(self) -> None:
        self._fetches: dict[int, Fetch] = {}
        self._coming: dict[int, Fetch] = {}
        self._failing: dict[str, None] = {}

    @property
    def numbers(self) -> list[int]:
        """All transfers."""
        return list(self._fetches)

    @property
    def full(self) -> bool:
        """Whether there is no place for any file."""
        return len(self._fetches) >= _IN_HAND or len(self._coming) >= _TRANSFERS

    @property
    def full_bursts(self) -> tuple[str, ...]:
        """Bursts that have all the places that a burst may have."""
        coming = Counter(fetch.burst_id for fetch in self._coming.values())
        waiting = Counter(fetch.burst_id for fetch in self._fetches.values()) - coming
        return tuple(
            burst
            for burst in coming | waiting
            if coming[burst] >= _TRANSFERS_OF_A_BURST or waiting[burst] >= _WAITING_OF_A_BURST
        )

    def turns(self) -> Iterator[tuple[str, ...]]:
        """Yield the hosts to pass over, turn by turn, until a file is found.

        First, only hosts from which nothing comes are asked for a file, then those from which one
        file comes, and so on up to the limit of a host.
        """
        coming = Counter(fetch.host for fetch in self._coming.values())
        shut = self._shut(coming)
        for turn in sorted({0, *coming.values()}):
            if turn < _TRANSFERS_OF_A_HOST:
                busy = {host for host, count in coming.items() if count > turn}
                yield tuple(sorted(busy | shut))

    def _shut(self, coming: Counter[str]) -> set[str]:
        """Return the failing hosts that have no place left."""
        tried = self._failing.keys() & coming.keys()
        if sum(coming[host] for host in tried) >= _TRANSFERS_OF_FAILING_HOSTS:
            return set(self._failing)
        return set(tried)

    def add(self, fetch: Fetch) -> None:
        """Take a place."""
        self._fetches[fetch.transfer_id] = self._coming[fetch.transfer_id] = fetch

    def came(self, fetch: Fetch) -> None:
        """Release the place among the transfers: the file waits for its inspection only."""
        self._coming.pop(fetch.transfer_id, None)
        self._failing.pop(fetch.host, None)

    def failed(self, fetch: Fetch) -> None:
        """Remember that a host failed."""
        self._failing.pop(fetch.host, None)
        self._failing[fetch.host] = None
        if len(self._failing) > _FAILING_HOSTS:
            del self._failing[next(iter(self._failing))]

    def remove(self, fetch: Fetch) -> None:
        """Release all places."""
        self._coming.pop(fetch.transfer_id, None)
        del self._fetches[fetch.transfer_id]

"""The slots for concurrent downloads, shared fairly among hosts and bursts."""

from collections import Counter
from collections.abc import Iterator

from eclgrmd.store.intake.notifications import Fetch

__all__ = ["FetchSlots"]

# Chosen, not measured: a few files at a time fill a usual link, and a slow host leaves slots free.
_TRANSFERS = 32
"""Most files in transfer."""
_TRANSFERS_OF_A_HOST = 4
"""Most files in transfer from one host."""
_TRANSFERS_OF_A_BURST = 8
"""Most files in transfer for one burst; more than for a host, since a burst may use several."""
_TRANSFERS_OF_FAILING_HOSTS = 8
"""Most files in transfer from all failing hosts together; the other slots stay free for hosts
that work or were not tried yet."""
_IN_FLIGHT = 128
"""Most files in transfer or waiting for inspection."""
_WAITING_OF_A_BURST = 4
"""Most files of one burst that wait for inspection."""
_FAILING_HOSTS = 1000
"""Number of failing hosts that are remembered; the oldest are forgotten."""


class FetchSlots:
    """The slots for files in flight, shared fairly among hosts and bursts.

    A host counts as failing from its first failed fetch until a file is received from it. A failing
    host gets only one slot.
    """

    def __init__(self) -> None:
        self._fetches: dict[int, Fetch] = {}
        """Files in transfer or waiting for inspection, by transfer id."""
        self._transferring: dict[int, Fetch] = {}
        """Files in transfer, by transfer id."""
        self._failing: dict[str, None] = {}
        """Failing hosts, the longest failing first."""

    @property
    def transfer_ids(self) -> list[int]:
        """The ids of all files in flight."""
        return list(self._fetches)

    @property
    def full(self) -> bool:
        """True if no slot is free."""
        return len(self._fetches) >= _IN_FLIGHT or len(self._transferring) >= _TRANSFERS

    @property
    def full_bursts(self) -> tuple[str, ...]:
        """Bursts that use as many slots as a burst may have."""
        transferring = Counter(fetch.burst_id for fetch in self._transferring.values())
        waiting = Counter(fetch.burst_id for fetch in self._fetches.values()) - transferring
        return tuple(
            burst
            for burst in transferring | waiting
            if transferring[burst] >= _TRANSFERS_OF_A_BURST or waiting[burst] >= _WAITING_OF_A_BURST
        )

    def host_exclusions(self) -> Iterator[tuple[str, ...]]:
        """Yield the hosts to exclude in each round of the search for the next file.

        The first round admits only hosts without a transfer, the second also those with one, and so
        on up to the limit of a host. The caller stops at the first round that finds a file.
        """
        transferring = Counter(fetch.host for fetch in self._transferring.values())
        shut = self._shut(transferring)
        for turn in sorted({0, *transferring.values()}):
            if turn < _TRANSFERS_OF_A_HOST:
                busy = {host for host, count in transferring.items() if count > turn}
                yield tuple(sorted(busy | shut))

    def _shut(self, transferring: Counter[str]) -> set[str]:
        """Return the failing hosts that may not get another slot."""
        tried = self._failing.keys() & transferring.keys()
        if sum(transferring[host] for host in tried) >= _TRANSFERS_OF_FAILING_HOSTS:
            return set(self._failing)
        return set(tried)

    def add(self, fetch: Fetch) -> None:
        """Occupy a slot."""
        self._fetches[fetch.transfer_id] = self._transferring[fetch.transfer_id] = fetch

    def received(self, fetch: Fetch) -> None:
        """Record the end of a transfer: the file now waits for its inspection."""
        self._transferring.pop(fetch.transfer_id, None)
        self._failing.pop(fetch.host, None)

    def failed(self, fetch: Fetch) -> None:
        """Record that a host failed."""
        self._failing.pop(fetch.host, None)
        self._failing[fetch.host] = None
        if len(self._failing) > _FAILING_HOSTS:
            del self._failing[next(iter(self._failing))]

    def remove(self, fetch: Fetch) -> None:
        """Release the slot of a file."""
        self._transferring.pop(fetch.transfer_id, None)
        del self._fetches[fetch.transfer_id]

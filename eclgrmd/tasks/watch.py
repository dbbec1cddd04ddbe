"""The watch over leases of all daemons: which of them nobody renews any more."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

__all__ = ["Watch"]

L = TypeVar("L", bound=Hashable)


class Watch(Generic[L]):
    """Remembers since when each lease is the same, by the clock of this process alone.

    A lease changes when its owner renews it.
    """

    def __init__(self) -> None:
        self._first_seen: dict[L, float] = {}
        """When each lease was first seen, seconds."""

    def lost(self, leases: Iterable[L], now_s: float, lease_s: float) -> list[L]:
        """Return the leases that have not changed for longer than a lease lasts.

        Parameters
        ----------
        leases
            All leases of now; what is not among them is forgotten.
        now_s
            A monotonic clock, seconds.
        lease_s
            How long a lease lasts, seconds.
        """
        self._first_seen = {lease: self._first_seen.get(lease, now_s) for lease in leases}
        return [each for each, first_s in self._first_seen.items() if now_s - first_s > lease_s]

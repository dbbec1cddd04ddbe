"""Bisection for a packet that ends the worker which analyses it."""

from collections.abc import Sequence

from msgspec import Struct

__all__ = ["Doubt"]

_TRIES = 2
"""Failures that convict a packet: one process may be killed by a person, or be slow for once."""


class Doubt(Struct, frozen=True, kw_only=True):
    """State of the bisection in the packets of one burst; packets are numbers in the store."""

    good: int = 0
    """The packets up to this one (number in the store) can be analysed; 0: unknown."""
    bad: int
    """The packets up to this one cannot be analysed."""
    failures: int = 1
    """Number of failed trials of the packets up to `bad`."""

    def suspects(self, packets: Sequence[int]) -> list[int]:
        """Return the packets one of which is bad."""
        return [each for each in packets if self.good < each <= self.bad]

    def next_trial(self, packets: Sequence[int], analysed: int) -> int:
        """Return the packet up to which the next trial goes.

        Parameters
        ----------
        packets
            All packets that are not set aside, rising.
        analysed
            Packet up to which the last good analysis went: it splits the suspects first.
        """
        suspects = self.suspects(packets)
        if len(suspects) <= 1:
            return self.bad
        if suspects[0] <= analysed < suspects[-1]:
            return max(each for each in suspects if each <= analysed)
        return suspects[len(suspects) // 2 - 1]

    def failed(self, until: int) -> "Doubt":
        """Return the state after a trial of the packets up to `until` failed."""
        if until == self.bad:
            return Doubt(good=self.good, bad=self.bad, failures=self.failures + 1)
        return Doubt(good=self.good, bad=until)

    def succeeded(self, until: int) -> "Doubt | None":
        """Return the state after such a trial succeeded; None: no packet is in doubt any more."""
        return None if until >= self.bad else Doubt(good=until, bad=self.bad)

    def convicted(self, packets: Sequence[int]) -> bool:
        """Return whether a single suspect is left that failed often enough to be set aside."""
        return self.failures >= _TRIES and len(self.suspects(packets)) == 1

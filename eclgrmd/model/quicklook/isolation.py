"""The search for a packet that ends the worker which analyses it, by trials of fewer packets."""

from collections.abc import Sequence

from msgspec import Struct

__all__ = ["Doubt"]

_TRIES = 2
"""A process may also be killed by somebody, or be slow on a machine that was held up."""


class Doubt(Struct, frozen=True, kw_only=True):
    """What trials have shown of the packets of one burst, by their numbers in the store."""

    good: int = 0
    """The packets up to this one can be analysed."""
    bad: int
    """The packets up to this one cannot."""
    failures: int = 1
    """Trials of the packets up to `bad` that failed."""

    def suspects(self, packets: Sequence[int]) -> list[int]:
        """Return the packets among which the bad one is."""
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
        """Return what is known after a trial of the packets up to `until` has failed."""
        if until == self.bad:
            return Doubt(good=self.good, bad=self.bad, failures=self.failures + 1)
        return Doubt(good=self.good, bad=until)

    def succeeded(self, until: int) -> "Doubt | None":
        """Return what is known after a trial has succeeded; None: nothing is in doubt any more."""
        return None if until >= self.bad else Doubt(good=until, bad=self.bad)

    def convicted(self, packets: Sequence[int]) -> bool:
        """Return whether the suspects have failed by themselves often enough to be set aside."""
        return self.failures >= _TRIES and len(self.suspects(packets)) == 1

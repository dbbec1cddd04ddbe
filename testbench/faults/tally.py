"""Counts of a run: faults by kind, acknowledged work, unexpected ends."""

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Counts that all parts of a run share."""

    faults: Counter[str] = field(default_factory=Counter)
    """Faults of processes, servers and connections, by kind."""
    disturbances: Counter[str] = field(default_factory=Counter)
    """Messages sent twice or out of order, by kind."""
    acknowledged_files: dict[tuple[str, str], str] = field(default_factory=dict)
    """SHA-256 by burst id and file name, of answered uploads and acknowledged notifications."""
    acknowledged_tasks: set[str] = field(default_factory=set)
    """Ids of tasks that the daemon or NATS acknowledged."""
    bursts: int = 0
    """Bursts of which every message is acknowledged."""
    unexpected_ends: list[str] = field(default_factory=list)
    """Ends of a daemon that were not requested, each with the end of its log."""

    @property
    def total(self) -> int:
        """Number of all faults."""
        return self.faults.total()

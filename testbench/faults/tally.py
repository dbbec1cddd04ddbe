"""What was done so far: faults by kind, what was acknowledged, what was said."""

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Counts that all parts of a run write to."""

    faults: Counter[str] = field(default_factory=Counter)
    """Of processes, servers and connections."""
    disturbances: Counter[str] = field(default_factory=Counter)
    """Of the order and number of what is sent."""
    acknowledged_files: dict[tuple[str, str], str] = field(default_factory=dict)
    """Burst and name to checksum, of uploads answered with success and notifications in NATS."""
    acknowledged_tasks: set[str] = field(default_factory=set)
    bursts: int = 0
    """Bursts all of whose orders are acknowledged."""
    unasked_ends: list[str] = field(default_factory=list)
    """Ends of a daemon that nobody ordered, with its last words."""

    @property
    def total(self) -> int:
        """All faults."""
        return self.faults.total()

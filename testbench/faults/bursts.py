"""The work that is disturbed: small bursts, whose files and tasks come by both doors."""

import hashlib
import random
from dataclasses import dataclass, field

from testbench.tiny import tiny_light_curve

__all__ = ["Burst", "InputFile", "make_burst"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file and the door by which it comes."""

    name: str
    content: bytes
    uploaded: bool
    """True: by REST; False: announced, to be fetched."""

    @property
    def sha256(self) -> str:
        """Checksum of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Burst:
    """What is sent about one burst."""

    burst_id: str
    files: tuple[InputFile, ...]
    task_ids: tuple[str, ...]
    by_rest: frozenset[str] = field(default_factory=frozenset)
    """Tasks that come by REST; the others come by NATS."""


def make_burst(seed: int, number: int) -> Burst:
    """Make up a burst, always the same for the same seed and number."""
    chance = random.Random(f"{seed}-burst-{number}")
    burst_id = f"sb{number:05d}"
    files = tuple(
        InputFile(f"lc{i}.fits", tiny_light_curve(chance.randrange(2**31)), chance.random() < 0.5)
        for i in range(chance.randint(1, 2))
    )
    task_ids = tuple(f"{burst_id}-t{i}" for i in range(chance.randint(1, 2)))
    by_rest = frozenset(each for each in task_ids if chance.random() < 0.5)
    return Burst(burst_id, files, task_ids, by_rest)

"""The work that is disturbed: small bursts with files and tasks, sent by NATS and REST."""

import hashlib
import random
from dataclasses import dataclass, field

from testbench.tiny import tiny_light_curve

__all__ = ["Burst", "InputFile", "make_burst"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file, and whether it is uploaded or announced."""

    name: str
    """File name."""
    content: bytes
    """Content of the file."""
    uploaded: bool
    """True: uploaded by REST; False: announced by NATS, to be fetched."""

    @property
    def sha256(self) -> str:
        """Checksum of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Burst:
    """Files and tasks of one burst."""

    burst_id: str
    """Burst id."""
    files: tuple[InputFile, ...]
    """Input files, all used by every task."""
    task_ids: tuple[str, ...]
    """Ids of the tasks."""
    by_rest: frozenset[str] = field(default_factory=frozenset)
    """Ids of the tasks that are sent by REST; the others are sent by NATS."""


def make_burst(seed: int, number: int) -> Burst:
    """Return a random burst, the same for the same seed and number."""
    chance = random.Random(f"{seed}-burst-{number}")
    burst_id = f"sb{number:05d}"
    files = tuple(
        InputFile(f"lc{i}.fits", tiny_light_curve(chance.randrange(2**31)), chance.random() < 0.5)
        for i in range(chance.randint(1, 2))
    )
    task_ids = tuple(f"{burst_id}-t{i}" for i in range(chance.randint(1, 2)))
    by_rest = frozenset(each for each in task_ids if chance.random() < 0.5)
    return Burst(burst_id, files, task_ids, by_rest)

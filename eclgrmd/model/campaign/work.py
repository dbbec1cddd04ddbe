"""What is sent to a worker of a campaign, and what comes back."""

from msgspec import Struct

from eclgrmd.model.task import TaskType

from .plan import CampaignConfiguration, Item
from .progress import ItemFailure

__all__ = ["ChunkOutcome", "ChunkWork", "Software"]


class Software(Struct, frozen=True):
    """The software of a process: what decides which results it computes."""

    version: str
    """Version of eclgrmd."""
    code_sha256: str
    """Checksum of its code and of the versions of its libraries."""
    processor: str
    """Name of the processor."""
    kernels: tuple[float, ...]
    """Values that the compiled kernels find in a known light curve."""


class ChunkWork(Struct, frozen=True, kw_only=True):
    """A chunk for a worker."""

    campaign_id: str
    """Name of the campaign."""
    number: int
    """Number of the chunk."""
    configuration: CampaignConfiguration
    """Configuration of its bursts."""
    analysis: TaskType
    """What is computed."""
    created_utc: str
    """Date of the results."""
    items: tuple[Item, ...]
    """Bursts."""
    software: Software
    """The software that must compute them."""
    final: bool = False
    """Record a missing resource of the machine as a failure, instead of asking for a retry."""


class ChunkOutcome(Struct, frozen=True, kw_only=True):
    """What a worker made of a chunk."""

    part: bytes = b""
    """The rows of all results, as a Parquet file; empty: there are none."""
    measured: int = 0
    """Number of rows."""
    failures: tuple[ItemFailure, ...] = ()
    """Bursts without a result."""
    cpu_s: float = 0.0
    """CPU time, seconds."""
    worker: str = ""
    """Host and process."""
    refused: str = ""
    """Why the worker may not compute it; empty: it has."""
    retry: str = ""
    """Why the chunk should be computed again; empty: it need not."""

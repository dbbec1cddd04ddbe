"""How far a campaign has come."""

from enum import StrEnum

from msgspec import Struct

__all__ = ["CampaignState", "ChunkState", "FailureKind", "ItemFailure", "Progress"]


class CampaignState(StrEnum):
    """States of a campaign."""

    PLANNED = "planned"
    """All chunks are in the ledger; none was sent yet, or its engine has ended before the work."""
    RUNNING = "running"
    """An engine works on it, or was killed while it did."""
    DONE = "done"
    """Every chunk has counted."""
    CANCELLED = "cancelled"
    """Somebody cancelled it; what was computed is kept."""


class ChunkState(StrEnum):
    """States of a chunk."""

    WAITING = "waiting"
    """To be sent."""
    SENT = "sent"
    """With the engine."""
    DONE = "done"
    """Its results are in the campaign's folder and have counted."""


class FailureKind(StrEnum):
    """Why a burst has no result."""

    INPUT = "input"
    """Its files or the configuration are wrong."""
    ANALYSIS = "analysis"
    """The analysis failed."""
    MACHINE = "machine"
    """A disk or another resource of the worker's machine was missing, repeatedly."""
    KILLED = "killed"
    """Its workers died, repeatedly: it needs too much memory, for example."""
    LIMIT = "limit"
    """It took longer than the limit for one burst."""


class ItemFailure(Struct, frozen=True):
    """A burst without a result."""

    item: int
    """Index of the burst within its chunk."""
    burst_id: str
    """Burst."""
    kind: FailureKind
    """Kind of the failure."""
    reason: str
    """One sentence."""


class Progress(Struct, frozen=True, kw_only=True):
    """The counts of a campaign."""

    campaign_id: str
    """Name of the campaign."""
    state: CampaignState
    """State of the campaign."""
    items: int
    """Bursts times configurations."""
    measured: int
    """Number of them with a result."""
    failed: int
    """Number of them that failed."""
    reused: int
    """Number of them whose result an earlier campaign computed from the same inputs."""
    chunks: int
    """All chunks."""
    chunks_done: int
    """Chunks that have counted."""
    chunks_sent: int
    """Chunks with the engine."""
    resubmitted: int
    """Submissions beyond the first of each chunk: stalled, lost with a worker or a scheduler."""
    compute_s: float
    """CPU time of all results, seconds."""
    failures: dict[str, int]
    """Number of failures by kind."""

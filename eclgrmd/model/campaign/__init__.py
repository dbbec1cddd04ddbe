"""Campaigns: many bursts by one or several configurations, in chunks for the workers."""

from .plan import BURSTS_PER_CHUNK, Campaign, CampaignConfiguration, Chunk, Item, Made
from .progress import CampaignState, ChunkState, FailureKind, ItemFailure, Progress
from .work import ChunkOutcome, ChunkWork, Software

__all__ = [
    "BURSTS_PER_CHUNK",
    "Campaign",
    "CampaignConfiguration",
    "CampaignState",
    "Chunk",
    "ChunkOutcome",
    "ChunkState",
    "ChunkWork",
    "FailureKind",
    "Item",
    "ItemFailure",
    "Made",
    "Progress",
    "Software",
]

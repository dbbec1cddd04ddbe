"""What a campaign is to do: its bursts, its configurations, and their chunks."""

from typing import Annotated

from msgspec import Meta, Struct

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.pipeline import PipelineFile
from eclgrmd.model.task import TaskType

__all__ = ["BURSTS_PER_CHUNK", "Campaign", "CampaignConfiguration", "Chunk", "Item", "Made"]

BURSTS_PER_CHUNK = 100
"""Bursts of a chunk, on average: the engine needs about 1 ms of its scheduler for each chunk."""


class Made(Struct, frozen=True):
    """A burst that a function makes in memory, as a simulation does."""

    function: str
    """The function, as `package.module:name`; it gets the seed and returns an observation."""
    seed: int
    """Seed: the same seed makes the same burst, on any machine."""
    source_sha256: str
    """Checksum of the package of the function."""


class Item(Struct, frozen=True, omit_defaults=True):
    """A burst of a campaign: its files, or the function that makes it."""

    burst_id: str
    """Burst."""
    files: tuple[PipelineFile, ...] = ()
    """Its files; empty: it is made."""
    made: Made | None = None
    """What makes it; None: it is read from files."""


class CampaignConfiguration(Struct, frozen=True):
    """One of the configurations by which every burst is analysed."""

    name: str
    """Name of the configuration within the campaign."""
    configuration: TaskConfiguration
    """Resolved values."""
    sources: dict[str, str] = {}
    """Name of the layer that each value came from, by JSON pointer."""


class Campaign(Struct, frozen=True, kw_only=True):
    """What was asked for when the campaign was submitted."""

    campaign_id: str
    """Name of the campaign."""
    folder: str
    """Folder of the results."""
    configurations: tuple[CampaignConfiguration, ...]
    """Configurations; each burst is analysed by each of them."""
    created_utc: str
    """Date of all results of the campaign, ISO-8601 UTC."""
    analysis: TaskType = TaskType.BURST
    """What is computed."""
    chunk_bursts: Annotated[int, Meta(ge=1, le=10_000)] = BURSTS_PER_CHUNK
    """Bursts of a chunk, on average."""
    limit_s: Annotated[float, Meta(gt=0)] = 3600.0
    """Time for one chunk, seconds, after which it is taken for stalled and computed elsewhere."""
    item_limit_s: Annotated[float, Meta(gt=0)] = 600.0
    """Time for one burst of a chunk that stalled or whose worker died, seconds."""


class Chunk(Struct, frozen=True):
    """Some bursts and one configuration: the unit that is sent to a worker and counted once."""

    number: int
    """Number within the campaign, from 0."""
    configuration: int
    """Index of the configuration."""
    key: str
    """Checksum of everything that the results depend on: inputs, configuration and software."""
    items: tuple[Item, ...]
    """The bursts."""

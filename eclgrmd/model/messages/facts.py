"""What happened and is to be announced: one fact for all forms of the messages about it.

The store writes a fact in the transaction that makes it true; `announce` encodes it in the founding
form (`founding`) and in version 1 (`messages_v1`).
"""

from typing import Any, Literal
from uuid import UUID, uuid5

from msgspec import Struct

from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.task import TaskState, TaskType

__all__ = [
    "DataFact",
    "ErrorFact",
    "Fact",
    "Origin",
    "ProductLink",
    "ProductsFact",
    "QuickLookFact",
    "QuickLookProductsFact",
    "TaskFact",
    "burst_uuid",
    "message_uuid",
]

_NAMES = UUID("6d9c9b1e-d0f9-4f14-97dc-73138e00d310")
"""Namespace of all UUIDs here (RFC 9562, version 5); drawn at random once."""


def message_uuid(message_id: str) -> str:
    """Return the UUID of the message that has this id in the outbox."""
    return str(uuid5(_NAMES, message_id))


def burst_uuid(burst_id: str) -> str:
    """Return the UUID that all messages about a burst share."""
    return str(uuid5(_NAMES, f"burst-{burst_id}"))


class ProductLink(Struct, frozen=True):
    """A product and where to fetch it."""

    name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    link: str


class Origin(Struct, frozen=True):
    """Why a task was made, and which version of an analysis it makes."""

    kind: Literal["sent", "automatic"]
    series: str
    """Series of an automatic task: temporal-GRM, spectral-ECL, joint; else empty."""
    proc_ver: int
    incomplete: str
    """What was missing; empty: nothing."""


class _Fact(Struct, frozen=True, kw_only=True):
    """The field that all facts have."""

    at: str
    """When it happened, ISO-8601 UTC."""


class _BurstFact(_Fact, frozen=True, kw_only=True):
    """The fields that all facts about a burst have."""

    burst_id: str
    causes: tuple[str, ...] = ()
    """UUIDs of the messages that led to this one (`message_uuid`)."""


class DataFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="data"):
    """A data file was accepted into the store, or refused."""

    name: str
    sha256: str
    size: int
    """Bytes."""
    state: Literal["accepted", "refused"]
    reason: str
    """Why it was refused; empty: accepted."""
    kind: str | None
    """What the file holds; None: unknown, because it was refused."""
    instrument: str | None
    notifications: tuple[str, ...]
    """Ids of the data notifications that named the file."""


class TaskFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="task"):
    """A task changed its state."""

    task_id: str
    analysis: TaskType
    origin: Origin
    state: TaskState
    reason: str
    number: int
    """Counts the changes of this task from 1."""
    link: str
    """Path below the start of all links."""
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that named its inputs; set when it is queued."""


class ProductsFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="products"):
    """A task's products can be fetched."""

    task_id: str
    analysis: TaskType
    origin: Origin
    supersedes: tuple[str, ...]
    """Tasks whose products are out of date from now on."""
    superseded_by: str | None
    """A later version that was ready before; None: these products are the newest."""
    products: tuple[ProductLink, ...]
    summary: dict[str, Any]
    """Headline numbers of the result."""
    notifications: tuple[str, ...]
    """Ids of the data notifications that named the task's inputs."""


class QuickLookFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="vhf"):
    """The quick look at a burst has a result worth announcing, or changed its state."""

    version: int
    """Counts the updates of this burst; not all of them are announced."""
    state: QuickLookState
    why: str
    """What is new."""
    headline: dict[str, Any]
    """The numbers to look at first; empty where nothing was measured yet."""
    link: str
    """Path below the start of all links."""


class QuickLookProductsFact(
    _BurstFact, frozen=True, kw_only=True, tag_field="type", tag="vhf_products"
):
    """Products and drafts of the quick look can be fetched."""

    version: int
    """The update that they show."""
    proc_ver: int
    """Number of the set of products, from 1."""
    products: tuple[ProductLink, ...]


class ErrorFact(_Fact, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """A message could not be understood or followed."""

    subject: str
    reason: str
    received: str
    """The first 500 characters of what was received."""


Fact = DataFact | TaskFact | ProductsFact | QuickLookFact | QuickLookProductsFact | ErrorFact

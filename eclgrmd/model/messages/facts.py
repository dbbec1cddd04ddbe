"""Facts to announce, independent of the form of the messages about them.

The store writes a fact in the transaction that makes it true. `announce` encodes it in the founding
form (`founding`) and in version 1 (`version1`).
"""

from typing import Any, Literal
from uuid import UUID, uuid5

from msgspec import Struct

from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.rest.decisions import DecisionKind
from eclgrmd.model.task import FiguresState, TaskState, TaskType

__all__ = [
    "BurstFact",
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
"""Namespace of all UUIDs of this module (RFC 9562, version 5); generated randomly once."""


def message_uuid(message_id: str) -> str:
    """Return the UUID of the message with this id in the outbox."""
    return str(uuid5(_NAMES, message_id))


def burst_uuid(burst_id: str) -> str:
    """Return the UUID that all messages about a burst share."""
    return str(uuid5(_NAMES, f"burst-{burst_id}"))


class ProductLink(Struct, frozen=True):
    """A product and the link to fetch it."""

    name: str
    """File name."""
    kind: str
    """Kind of the product, as in `ProductFile`."""
    media_type: str
    """Media type, as in HTTP."""
    size: int
    """Size, bytes."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    link: str
    """Link to fetch it; a fact has the path only."""


class Origin(Struct, frozen=True):
    """The reason for a task, and the version of the analysis that it makes."""

    kind: Literal["sent", "automatic"]
    """Whether the task was submitted or started automatically."""
    series: str
    """Series of an automatic task: temporal-GRM, spectral-ECL, joint; else empty."""
    proc_ver: int
    """Processing version within the series, from 1."""
    incomplete: str
    """What was missing; empty: nothing."""


class _Fact(Struct, frozen=True, kw_only=True):
    """The field that all facts have."""

    at: str
    """Time at which it happened, ISO-8601 UTC."""


class _BurstFact(_Fact, frozen=True, kw_only=True):
    """The fields that all facts about a burst have."""

    burst_id: str
    """The burst."""
    causes: tuple[str, ...] = ()
    """UUIDs of the messages that led to this one (`message_uuid`)."""


class DataFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="data"):
    """A data file was accepted or refused."""

    name: str
    """Name of the file."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    size: int
    """Size, bytes."""
    state: Literal["accepted", "refused"]
    """Whether the file can be analysed."""
    reason: str
    """Why it was refused; empty: accepted."""
    kind: str | None
    """Kind of its content; None: unknown, because it was refused."""
    instrument: str | None
    """Instrument of the data; None: unknown or not named in the file."""
    notifications: tuple[str, ...]
    """Ids of the data notifications that named the file."""


class TaskFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="task"):
    """A task changed its state."""

    task_id: str
    """The task."""
    analysis: TaskType
    """The analysis that it runs."""
    origin: Origin
    """Reason and version of the task."""
    state: TaskState
    """The new state."""
    reason: str
    """Reason for the new state; empty: none to give."""
    number: int
    """Number of this change of the task's state, from 1."""
    link: str
    """Path of the task, relative to the base URL of all links."""
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that named its inputs; set when the task is queued."""


class ProductsFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="products"):
    """The products of a task are available."""

    task_id: str
    """The task."""
    analysis: TaskType
    """The analysis that it ran."""
    origin: Origin
    """Reason and version of the task."""
    supersedes: tuple[str, ...]
    """Tasks whose products are superseded by these."""
    superseded_by: str | None
    """Task of a later version that was ready earlier; None: these products are the newest."""
    products: tuple[ProductLink, ...]
    """The products."""
    summary: dict[str, Any]
    """Headline numbers of the result."""
    notifications: tuple[str, ...]
    """Ids of the data notifications that named the task's inputs."""
    figures: FiguresState = FiguresState.NONE
    """State of the figures; while they are queued, a second announcement of all products
    follows."""
    reason: str = ""
    """Why the figures failed; empty: they did not."""
    ready_at: str = ""
    """Time from which the delay of the announcement is measured, ISO-8601 UTC: when all inputs of
    the task were there; empty: it is not measured."""


class QuickLookFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="vhf"):
    """The quick look at a burst has a new important result, or changed its state."""

    version: int
    """Number of the update of this burst; not all updates are announced."""
    state: QuickLookState
    """State of the quick look."""
    why: str
    """What is new."""
    headline: dict[str, Any]
    """The most important numbers; empty: nothing was measured yet."""
    link: str
    """Path of the quick look, relative to the base URL of all links."""


class QuickLookProductsFact(
    _BurstFact, frozen=True, kw_only=True, tag_field="type", tag="vhf_products"
):
    """Products and drafts of the quick look are available."""

    version: int
    """Number of the update that they show."""
    proc_ver: int
    """Number of the set of products, from 1."""
    products: tuple[ProductLink, ...]
    """The products."""


class BurstFact(_BurstFact, frozen=True, kw_only=True, tag_field="type", tag="burst"):
    """Somebody decided something about a burst: a claim, or the result of record."""

    change: DecisionKind
    """What was decided."""
    task_id: str
    """The run that was accepted or withdrawn; empty: the decision is about the burst."""
    who: str
    """Who decided it."""
    reason: str
    """Note or reason; may be empty."""
    link: str
    """Path of the burst, relative to the base URL of all links."""


class ErrorFact(_Fact, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """A received message was invalid or could not be carried out."""

    subject: str
    """Subject of the message."""
    reason: str
    """What was wrong."""
    received: str
    """The first 500 characters of the message."""


Fact = (
    DataFact
    | TaskFact
    | ProductsFact
    | QuickLookFact
    | QuickLookProductsFact
    | BurstFact
    | ErrorFact
)
"""Any fact; the field `type` in its encoded form tells which."""

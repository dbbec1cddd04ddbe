"""Messages of version 1: typed, one subject tree `eclgrm.v1.>`, traceable from cause to effect.

Each message has a `schema` and a `version`, a UUID of its own that is the same however often it is
sent, the UUIDs of the messages that caused it, and the UUID that all messages of a burst share. So
products lead back to a task, the task to its data, and these to the notification.

They stand beside the founding document's envelope on `activity.eclgrm` and tell more.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from eclgrmd.model.names import END, subject_token
from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.task import TaskState, TaskType

from .facts import Origin, ProductLink

__all__ = [
    "SUBJECTS",
    "DataMessage",
    "ErrorMessage",
    "MessageV1",
    "ProductsMessage",
    "Source",
    "StatusMessage",
    "TaskMessage",
    "VhfMessage",
    "VhfProductsMessage",
    "subject_of",
]

Uuid = Annotated[
    str,
    Meta(
        pattern=rf"^[0-9a-f]{{8}}-([0-9a-f]{{4}}-){{3}}[0-9a-f]{{12}}{END}",
        description="UUID, version 5",
    ),
]
Instant = Annotated[
    str,
    Meta(
        pattern=rf"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z{END}",
        description="ISO-8601 UTC: 2026-11-22T10:15:30.25Z",
    ),
]


class Source(Struct, frozen=True):
    """Who speaks."""

    name: str
    uri: str
    instrument: str
    mode: str
    software: str
    """eclgrmd and its version."""


class _Message(Struct, frozen=True, kw_only=True):
    """What all messages have."""

    version: Literal["1.0"] = "1.0"
    """Of the schema: the first number changes where a reader must, the second where it may."""
    id: Uuid
    """The same however often it is sent."""
    at: Instant
    """When it happened."""
    source: Source | None = None


class _BurstMessage(_Message, frozen=True, kw_only=True):
    """What all messages about a burst have."""

    burst_id: str
    correlation_id: Uuid
    """Shared by all messages about the burst."""
    causes: tuple[Uuid, ...] = ()
    """Messages that led to this one; for data, the notification's UUID."""


class DataMessage(_BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.data"):
    """A data file was accepted into the store, or refused."""

    name: str
    sha256: str
    size: int
    """Bytes."""
    state: Literal["accepted", "refused"]
    reason: str
    kind: str | None
    """What it holds; null where it was refused."""
    instrument: str | None
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that told of it."""


class TaskMessage(_BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.task"):
    """A task changed its state."""

    task_id: str
    analysis: TaskType
    origin: Origin
    state: TaskState
    reason: str
    number: int
    """Counts the changes of this task from 1."""
    link: str
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that told of its inputs; given when it is queued."""


class ProductsMessage(
    _BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.products"
):
    """A task's products are there to be fetched."""

    task_id: str
    analysis: TaskType
    origin: Origin
    supersedes: tuple[str, ...]
    """Tasks whose products are out of date from now on; they are kept."""
    superseded_by: str | None
    """A later version that was ready before; null: these are the newest."""
    products: tuple[ProductLink, ...]
    summary: dict[str, Any]
    """Headline numbers of the result."""
    notifications: tuple[str, ...] = ()


class VhfMessage(_BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.vhf"):
    """The quick look at a burst knows something worth telling, or changed its state."""

    state: QuickLookState
    number: int
    """Version of what is known; not all versions are announced."""
    why: str
    """What is new."""
    headline: dict[str, Any]
    """The numbers to look at first; empty where nothing was measured yet."""
    link: str


class VhfProductsMessage(
    _BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.vhf-products"
):
    """Products and drafts of the quick look are there to be fetched."""

    number: int
    """Version of what is known that they show."""
    proc_ver: int
    products: tuple[ProductLink, ...]


class ErrorMessage(_Message, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.error"):
    """A message could not be understood or followed."""

    subject: str
    reason: str
    received: str
    """The first 500 characters of what was received."""


class StatusMessage(_Message, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.status"):
    """The service is ready, degraded, well again, or stopping."""

    info: str


MessageV1 = (
    DataMessage
    | TaskMessage
    | ProductsMessage
    | VhfMessage
    | VhfProductsMessage
    | ErrorMessage
    | StatusMessage
)

SUBJECTS: dict[type[MessageV1], str] = {
    DataMessage: "eclgrm.v1.data.{burst}",
    TaskMessage: "eclgrm.v1.task.{burst}.{state}",
    ProductsMessage: "eclgrm.v1.products.{burst}",
    VhfMessage: "eclgrm.v1.vhf.{burst}.{state}",
    VhfProductsMessage: "eclgrm.v1.vhf-products.{burst}",
    ErrorMessage: "eclgrm.v1.error",
    StatusMessage: "eclgrm.v1.status",
}
"""Where each is sent; a burst's id is one token of its subject, written by `subject_token`."""


def subject_of(message: MessageV1) -> str:
    """Return the subject of a message."""
    return SUBJECTS[type(message)].format(
        burst=subject_token(getattr(message, "burst_id", "")),
        state=getattr(message, "state", ""),
    )

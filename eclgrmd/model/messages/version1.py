"""Messages of version 1: typed, on subjects `eclgrm.v1.>`, with references to their causes.

Each message has a `schema`, a `version`, and its own UUID, which stays the same when it is sent
again. It also has the UUIDs of the messages that caused it, and a UUID that all messages about a
burst share. So a client can follow products back to the task, the task to its data, and the data to
the notification.

They contain more than the founding document's envelope on `activity.eclgrm`, which is sent too.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from eclgrmd.model.names import END, subject_token
from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.rest.decisions import DecisionKind
from eclgrmd.model.task import FiguresState, TaskState, TaskType

from .facts import Origin, ProductLink

__all__ = [
    "SUBJECTS",
    "BurstMessage",
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
    """Description of the service that sends a message."""

    name: str
    """Name of the service (`service.name` of the settings)."""
    uri: str
    """Address of the service within the mission (`service.uri`)."""
    instrument: str
    """Instrument (`service.instrument`)."""
    mode: str
    """Observation programme (`service.mode`)."""
    software: str
    """Name and version of the software."""


class _Message(Struct, frozen=True, kw_only=True):
    """The fields that all messages have."""

    version: Literal["1.1"] = "1.1"
    """Version of the schema: the first number is raised by changes that break readers, the second
    by compatible ones."""
    id: Uuid
    """Id of the message; it stays the same when the message is sent again."""
    at: Instant
    """Time at which it happened."""
    source: Source | None = None
    """The service; null: unknown."""


class _BurstMessage(_Message, frozen=True, kw_only=True):
    """The fields that all messages about a burst have."""

    burst_id: str
    """The burst."""
    correlation_id: Uuid
    """Id that all messages about the burst share."""
    causes: tuple[Uuid, ...] = ()
    """Ids of the messages that led to this one; for data, the UUID of the notification."""


class DataMessage(_BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.data"):
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
    """Kind of its content; null: unknown, because it was refused."""
    instrument: str | None
    """Instrument of the data; null: unknown or not named in the file."""
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that named the file."""


class TaskMessage(_BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.task"):
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
    """Link to the task."""
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that named its inputs; set when the task is queued."""


class ProductsMessage(
    _BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.products"
):
    """Products of a task are available: first those of the result, then all with the figures."""

    task_id: str
    """The task."""
    analysis: TaskType
    """The analysis that it ran."""
    origin: Origin
    """Reason and version of the task."""
    supersedes: tuple[str, ...]
    """Tasks whose products are superseded by these; they remain available."""
    superseded_by: str | None
    """Task of a later version that was ready earlier; null: these products are the newest."""
    products: tuple[ProductLink, ...]
    """The products."""
    summary: dict[str, Any]
    """Headline numbers of the result."""
    notifications: tuple[str, ...] = ()
    """Ids of the data notifications that named the inputs of the task."""
    figures: FiguresState = FiguresState.NONE
    """State of the figures. After `queued`, a second message with the links of all products
    follows, with `done`, or `failed` and the reason. `later`: it follows once somebody requested a
    figure. `none`: no figures, and no second message."""
    reason: str = ""
    """Why the figures failed; empty: they did not."""


class VhfMessage(_BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.vhf"):
    """The quick look at a burst has a new important result, or changed its state."""

    state: QuickLookState
    """State of the quick look."""
    number: int
    """Number of the update of this burst; not all updates are announced."""
    why: str
    """What is new."""
    headline: dict[str, Any]
    """The most important numbers; empty: nothing was measured yet."""
    link: str
    """Link to the complete quick look."""


class VhfProductsMessage(
    _BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.vhf-products"
):
    """Products and drafts of the quick look are available."""

    number: int
    """Number of the update that they show."""
    proc_ver: int
    """Number of the set of products, from 1."""
    products: tuple[ProductLink, ...]
    """The products."""


class BurstMessage(
    _BurstMessage, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.burst"
):
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
    """Link to the burst."""


class ErrorMessage(_Message, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.error"):
    """A received message was invalid or could not be carried out."""

    subject: str
    """Subject of the message."""
    reason: str
    """What was wrong."""
    received: str
    """The first 500 characters of the message."""


class StatusMessage(_Message, frozen=True, kw_only=True, tag_field="schema", tag="eclgrm.status"):
    """The service is ready, degraded, recovered, or stopping."""

    info: str
    """The status in one sentence."""


MessageV1 = (
    DataMessage
    | TaskMessage
    | ProductsMessage
    | VhfMessage
    | VhfProductsMessage
    | BurstMessage
    | ErrorMessage
    | StatusMessage
)

SUBJECTS: dict[type[MessageV1], str] = {
    DataMessage: "eclgrm.v1.data.{burst}",
    TaskMessage: "eclgrm.v1.task.{burst}.{state}",
    ProductsMessage: "eclgrm.v1.products.{burst}",
    VhfMessage: "eclgrm.v1.vhf.{burst}.{state}",
    VhfProductsMessage: "eclgrm.v1.vhf-products.{burst}",
    BurstMessage: "eclgrm.v1.burst.{burst}",
    ErrorMessage: "eclgrm.v1.error",
    StatusMessage: "eclgrm.v1.status",
}
"""Subject of each message; the id of a burst is one token of it, encoded by `subject_token`."""


def subject_of(message: MessageV1) -> str:
    """Return the subject of a message."""
    return SUBJECTS[type(message)].format(
        burst=subject_token(getattr(message, "burst_id", "")),
        state=getattr(message, "state", ""),
    )

"""Messages on `activity.eclgrm`, in the form of the founding document (version 0).

All messages use one envelope, `ServiceMessage`. Its `activity` is null for a service status, and
otherwise describes what happened.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.rest.decisions import DecisionKind
from eclgrmd.model.task import TaskState, TaskType

from .facts import ProductLink

__all__ = [
    "Activity",
    "BurstActivity",
    "DataActivity",
    "Descriptor",
    "ErrorActivity",
    "ProductsActivity",
    "ServiceMessage",
    "TaskActivity",
    "VhfActivity",
    "VhfProductsActivity",
    "founding_date",
]

Instant = Annotated[str, Meta(description="ISO-8601 UTC")]


class TaskActivity(Struct, frozen=True, tag_field="type", tag="task"):
    """A task changed its state."""

    task_id: str
    """The task."""
    burst_id: str
    """The burst."""
    analysis: TaskType
    """The analysis that the task runs."""
    state: TaskState
    """The new state."""
    reason: str
    """Reason for the new state; empty: none to give."""
    at: Instant
    """Time of the change."""
    number: int
    """Number of this change of the task's state, from 1."""
    link: str
    """Link to the task."""


class ProductsActivity(Struct, frozen=True, tag_field="type", tag="products"):
    """Products of a task are available: first those of the result, then all with the figures."""

    task_id: str
    """The task."""
    burst_id: str
    """The burst."""
    at: Instant
    """Time at which they became available."""
    products: tuple[ProductLink, ...]
    """The products."""
    summary: dict[str, Any]
    """Headline numbers of the result."""


class DataActivity(Struct, frozen=True, tag_field="type", tag="data"):
    """A data file was accepted or refused."""

    burst_id: str
    """The burst."""
    name: str
    """Name of the file."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""
    state: Literal["accepted", "refused"]
    """Whether the file can be analysed."""
    reason: str
    """Why it was refused; empty: accepted."""
    at: Instant
    """Time of the decision."""


class VhfActivity(Struct, frozen=True, tag_field="type", tag="vhf"):
    """The quick look at a burst has a new important result, or changed its state."""

    burst_id: str
    """The burst."""
    version: int
    """Number of the update of this burst; not all updates are announced."""
    state: QuickLookState
    """State of the quick look."""
    why: str
    """What is new."""
    at: Instant
    """Time of the update."""
    headline: dict[str, Any]
    """The most important numbers; empty: nothing was measured yet."""
    link: str
    """Link to the complete quick look."""


class VhfProductsActivity(Struct, frozen=True, tag_field="type", tag="vhf_products"):
    """Products and drafts of the quick look are available."""

    burst_id: str
    """The burst."""
    version: int
    """Number of the update that they show."""
    proc_ver: int
    """Number of the set of products, from 1."""
    at: Instant
    """Time at which they became available."""
    products: tuple[ProductLink, ...]
    """The products."""


class BurstActivity(Struct, frozen=True, tag_field="type", tag="burst"):
    """Somebody decided something about a burst: a claim, or the result of record."""

    burst_id: str
    """The burst."""
    change: DecisionKind
    """What was decided."""
    task_id: str
    """The run that was accepted or withdrawn; empty: the decision is about the burst."""
    who: str
    """Who decided it."""
    reason: str
    """Note or reason; may be empty."""
    at: Instant
    """Time of the decision."""
    link: str
    """Link to the burst."""


class ErrorActivity(Struct, frozen=True, tag_field="type", tag="error"):
    """A received message was invalid or could not be carried out."""

    subject: str
    """Subject of the message."""
    reason: str
    """What was wrong."""
    received: str
    """The first 500 characters of the message."""
    at: Instant
    """Time of the refusal."""


Activity = (
    TaskActivity
    | ProductsActivity
    | DataActivity
    | VhfActivity
    | VhfProductsActivity
    | BurstActivity
    | ErrorActivity
)


class Descriptor(Struct, frozen=True):
    """Description of the service that sends a message."""

    name: str
    """Name of the service (`service.name` of the settings)."""
    uri: str
    """Address of the service within the mission (`service.uri`)."""
    instrument: str
    """Instrument, as the founding document spells it (`service.instrument`)."""
    mode: str
    """Observation programme (`service.mode`)."""
    creation_date: str
    """Start of the service, in the form of `founding_date`."""
    version: str
    """Version of the message form: 0."""
    links: tuple[str, ...]
    """Links of the descriptor (`service.links`)."""


class ServiceMessage(Struct, frozen=True):
    """The founding document's envelope: fields, nesting, order and date form are a contract."""

    descriptor: Descriptor
    """The service."""
    activity: Activity | None
    """What happened; null: the message is a service status."""
    date: str
    """Time of the message, in the form of `founding_date`."""
    info: str
    """Summary in one sentence."""


# Not of `strftime`, whose names depend on the locale.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def founding_date(at: datetime) -> str:
    """Format a UTC time as `Friday 18 January 2019 10:33:16`, in English for every locale."""
    return (
        f"{WEEKDAYS[at.weekday()]} {at.day:02d} {MONTHS[at.month - 1]} {at.year} "
        f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}"
    )

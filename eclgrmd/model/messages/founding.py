"""Messages on `activity.eclgrm`, in the form of the founding document (version 0).

There is one envelope, `ServiceMessage`, whose `activity` is null for a service status and otherwise
says what happened.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.task import TaskState, TaskType

from .facts import ProductLink

__all__ = [
    "Activity",
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
    burst_id: str
    analysis: TaskType
    state: TaskState
    reason: str
    at: Instant
    number: int
    """Counts the changes of this task from 1."""
    link: str


class ProductsActivity(Struct, frozen=True, tag_field="type", tag="products"):
    """A task's products are there to be fetched."""

    task_id: str
    burst_id: str
    at: Instant
    products: tuple[ProductLink, ...]
    summary: dict[str, Any]
    """Headline numbers of the result."""


class DataActivity(Struct, frozen=True, tag_field="type", tag="data"):
    """A data file was accepted into the store, or refused."""

    burst_id: str
    name: str
    sha256: str
    state: Literal["accepted", "refused"]
    reason: str
    at: Instant


class VhfActivity(Struct, frozen=True, tag_field="type", tag="vhf"):
    """The quick look at a burst knows something worth telling, or changed its state."""

    burst_id: str
    version: int
    """Counts the updates of this burst; not all of them are announced."""
    state: QuickLookState
    why: str
    """What is new."""
    at: Instant
    headline: dict[str, Any]
    """The numbers to look at first; empty where nothing was measured yet."""
    link: str
    """All that is known."""


class VhfProductsActivity(Struct, frozen=True, tag_field="type", tag="vhf_products"):
    """Products and drafts of the quick look are there to be fetched."""

    burst_id: str
    version: int
    """The update that they show."""
    proc_ver: int
    at: Instant
    products: tuple[ProductLink, ...]


class ErrorActivity(Struct, frozen=True, tag_field="type", tag="error"):
    """A message could not be understood or followed."""

    subject: str
    reason: str
    received: str
    """The first 500 characters of what was received."""
    at: Instant


Activity = (
    TaskActivity
    | ProductsActivity
    | DataActivity
    | VhfActivity
    | VhfProductsActivity
    | ErrorActivity
)


class Descriptor(Struct, frozen=True):
    """Who speaks."""

    name: str
    uri: str
    instrument: str
    mode: str
    creation_date: str
    version: str
    links: tuple[str, ...]


class ServiceMessage(Struct, frozen=True):
    """The founding document's envelope: fields, nesting, order and date form are a contract."""

    descriptor: Descriptor
    activity: Activity | None
    date: str
    info: str


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
    """Write a UTC time as `Friday 18 January 2019 10:33:16`, in English whatever the locale."""
    return (
        f"{WEEKDAYS[at.weekday()]} {at.day:02d} {MONTHS[at.month - 1]} {at.year} "
        f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}"
    )

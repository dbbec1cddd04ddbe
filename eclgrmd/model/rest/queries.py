"""Queries of the listings."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.model.names import END, Identifier
from eclgrmd.model.task import TaskState

from .data import DataState

__all__ = [
    "BurstQuery",
    "CatalogueQuery",
    "ComparisonQuery",
    "DataQuery",
    "EventQuery",
    "FiguresQuery",
    "Numbered",
    "ProductQuery",
    "TaskQuery",
]

EventKind = Literal["data", "task", "products", "vhf", "vhf-products", "error", "status"]
"""Kinds of live events: the schemas of version 1 without `eclgrm.`."""
Limit = Annotated[int, Meta(ge=1, le=1000)]
"""Rows of a page."""
Number = Annotated[int, Meta(ge=0, le=10**18 - 1)]
"""Number of a row; it fits into a BIGINT."""
Position = Annotated[
    str,
    Meta(
        pattern=rf"^([0-9]{{1,16}}~[A-Za-z0-9][A-Za-z0-9._:+-]{{0,99}})?{END}",
        description="the position in a `next` link",
    ),
]
"""Position in a listing: a time in microseconds since 1970, and the id of a task."""


ProductPosition = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{1,16}~[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}~"
        rf"[A-Za-z0-9][A-Za-z0-9._+-]{{0,199}})?{END}",
        description="the position in a `next` link",
    ),
]
"""The same, with the name of a product."""


class BurstQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which bursts to list."""

    limit: Limit = 100
    """Most bursts of the page."""
    after: Identifier | UnsetType = UNSET
    """Burst after which the page begins, from the `next` link."""


class Numbered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of a numbered list to return."""

    limit: Limit = 100
    """Most rows of the page."""
    after: Number = 0
    """Number of the last row of the previous page."""


class DataQuery(Numbered, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which data files to list."""

    burst_id: Identifier | UnsetType = UNSET
    """Only those of this burst."""
    state: DataState | UnsetType = UNSET
    """Only those with this verdict."""


class FiguresQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to wait for figures."""

    wait: Annotated[int, Meta(ge=0, le=60)] = 10
    """Longest wait for figures that are still to be drawn, seconds."""


class TaskQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks to list."""

    limit: Limit = 100
    """Most tasks of the page."""
    after: Position = ""
    """Position after which the page begins, from the `next` link."""
    burst_id: Identifier | UnsetType = UNSET
    """Only those of this burst."""
    state: TaskState | UnsetType = UNSET
    """Only those in this state."""


class ProductQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which products to list."""

    limit: Limit = 1000
    """Most products of the page."""
    after: ProductPosition = ""
    """Position after which the page begins, from the `next` link."""
    burst_id: Identifier | UnsetType = UNSET
    """Only those of this burst."""
    task_id: Identifier | UnsetType = UNSET
    """Only those of this task."""


class CatalogueQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which results to put into a catalogue, and its format."""

    format: CatalogueFormat = CatalogueFormat.VOTABLE
    """Format of the table."""
    limit: Limit = 1000
    """Most results of the table."""
    after: Identifier | UnsetType = UNSET
    """Task after which the table begins, from the `next` link."""
    burst_id: Identifier | UnsetType = UNSET
    """Only results of this burst."""
    superseded: bool = False
    """Whether to include results that newer versions supersede."""


class EventQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which live events to stream."""

    kind: tuple[EventKind, ...] = ()
    """Only these kinds: `?kind=task&kind=products`."""
    burst_id: Identifier | UnsetType = UNSET
    """Only those about this burst."""
    task_id: Identifier | UnsetType = UNSET
    """Only those about this task."""
    after: Number | UnsetType = UNSET
    """Id of the last event seen, for clients that cannot send the header `Last-Event-ID`."""


class ComparisonQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks to compare."""

    task: Annotated[tuple[Identifier, ...], Meta(min_length=2, max_length=2)]
    """Both tasks: `?task=A&task=B`."""

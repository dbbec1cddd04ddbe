"""Queries of the listings."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.model.names import END, Identifier, Instrument
from eclgrmd.model.result import ClassName
from eclgrmd.model.task import TaskState, TaskType

from .bursts import BurstState
from .data import DataState

__all__ = [
    "AgeOrder",
    "BurstOrder",
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

EventKind = Literal["data", "task", "products", "vhf", "vhf-products", "burst", "error", "status"]
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


BurstPosition = Annotated[
    str,
    Meta(
        pattern=r"^((-?[0-9]{1,17}(\.[0-9]{1,17})?(e[+-]?[0-9]{1,2})?)?~"
        rf"[A-Za-z0-9][A-Za-z0-9._:+-]{{0,99}})?{END}",
        description="the position in a `next` link",
    ),
]
"""Position in a listing of bursts: the value by which it is sorted, if it is known, and the id."""
Moment = Annotated[
    str,
    Meta(
        pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        rf"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{{1,6}})?)?Z?)?{END}",
        description="an ISO-8601 date or time, UTC",
        examples=["2026-11-22T03:04:05.6Z"],
    ),
]
"""A time as a bound."""
Bound = Annotated[float, Meta(ge=0.0, le=1e30)]
"""A bound of a quantity that is not negative."""
Text = Annotated[str, Meta(min_length=1, max_length=100)]
"""A part of a name."""


class BurstOrder(StrEnum):
    """Orders of bursts; those with `-` begin with the largest value."""

    ID = "id"
    ID_DOWN = "-id"
    T0 = "t0"
    T0_DOWN = "-t0"
    CREATED = "created"
    CREATED_DOWN = "-created"
    T90 = "t90"
    T90_DOWN = "-t90"
    EPEAK = "epeak"
    EPEAK_DOWN = "-epeak"
    FLUENCE = "fluence"
    FLUENCE_DOWN = "-fluence"


class AgeOrder(StrEnum):
    """Orders by time of creation."""

    OLDEST = "created"
    NEWEST = "-created"


class BurstQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which bursts to list, and in which order."""

    limit: Limit = 100
    """Most bursts of the page."""
    after: BurstPosition = ""
    """Position after which the page begins, from the `next` link."""
    sort: BurstOrder = BurstOrder.ID
    """Order; bursts whose value is not known come last, in both directions."""
    t0_from: Moment | UnsetType = UNSET
    """Only bursts at this reference time or later."""
    t0_to: Moment | UnsetType = UNSET
    """Only bursts before this reference time."""
    instrument: Instrument | UnsetType = UNSET
    """Only bursts with data or packets of this instrument."""
    min_t90_s: Bound | UnsetType = UNSET
    """Only bursts with at least this T90, seconds."""
    max_t90_s: Bound | UnsetType = UNSET
    """Only bursts with at most this T90, seconds."""
    min_epeak_kev: Bound | UnsetType = UNSET
    """Only bursts with at least this peak energy, keV."""
    max_epeak_kev: Bound | UnsetType = UNSET
    """Only bursts with at most this peak energy, keV."""
    min_fluence_erg: Bound | UnsetType = UNSET
    """Only bursts with at least this fluence, erg/cm2."""
    max_fluence_erg: Bound | UnsetType = UNSET
    """Only bursts with at most this fluence, erg/cm2."""
    burst_class: ClassName | UnsetType = field(default=UNSET, name="class")
    """Only bursts of this class."""
    state: BurstState | UnsetType = UNSET
    """Only bursts in this state."""
    text: Text | UnsetType = UNSET
    """Only bursts with this text, in any case, in their id or the name of a file or task."""


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
    """Which tasks to list, and in which order."""

    limit: Limit = 100
    """Most tasks of the page."""
    after: Position = ""
    """Position after which the page begins, from the `next` link."""
    sort: AgeOrder = AgeOrder.OLDEST
    """Order."""
    burst_id: Identifier | UnsetType = UNSET
    """Only those of this burst."""
    state: TaskState | UnsetType = UNSET
    """Only those in this state."""
    analysis: TaskType | UnsetType = UNSET
    """Only those of this analysis."""
    origin: Literal["automatic", "sent"] | UnsetType = UNSET
    """Only those that the daemon submitted by itself, or only those that were sent."""
    created_from: Moment | UnsetType = UNSET
    """Only those received at this time or later."""
    created_to: Moment | UnsetType = UNSET
    """Only those received before this time."""
    text: Text | UnsetType = UNSET
    """Only those with this text, in any case, in their id, burst or reason."""


class ProductQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which products to list, and in which order."""

    limit: Limit = 1000
    """Most products of the page."""
    after: ProductPosition = ""
    """Position after which the page begins, from the `next` link."""
    sort: AgeOrder = AgeOrder.OLDEST
    """Order."""
    burst_id: Identifier | UnsetType = UNSET
    """Only those of this burst."""
    task_id: Identifier | UnsetType = UNSET
    """Only those of this task."""
    kind: Text | UnsetType = UNSET
    """Only those of this kind, for example `result`."""
    superseded: bool | UnsetType = UNSET
    """Only those that newer versions of the same analysis supersede, or only the others."""
    created_from: Moment | UnsetType = UNSET
    """Only those recorded at this time or later."""
    created_to: Moment | UnsetType = UNSET
    """Only those recorded before this time."""
    text: Text | UnsetType = UNSET
    """Only those with this text, in any case, in their name."""


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

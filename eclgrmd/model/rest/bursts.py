"""Bursts, as REST shows them."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from eclgrmd.model.file_set import UnusedFile
from eclgrmd.model.result import ClassName

from .data import DataFile
from .decisions import BurstClaim, ResultOfRecord
from .products import Product
from .quicklook import QuickLook
from .tasks import ListedTask

__all__ = [
    "Burst",
    "BurstNext",
    "BurstPage",
    "BurstState",
    "ListedBurst",
    "ResultStream",
    "ScheduledFetch",
]


class BurstState(StrEnum):
    """States of a burst; the first that applies."""

    WITHDRAWN = "withdrawn"
    """The mission withdrew it."""
    OPEN = "open"
    """A task waits or runs."""
    DONE = "done"
    """A task has a result."""
    FAILED = "failed"
    """A task failed, and none has a result."""
    NEW = "new"
    """Nothing was analysed yet, except for the quick look."""


class ResultStream(StrEnum):
    """Streams that the main results of a burst come from."""

    VHF = "vhf"
    """The quick look: they are not final."""
    XBAND = "xband"
    """An analysis of the full data, or of files that were uploaded."""


class ListedBurst(Struct, frozen=True, kw_only=True):
    """A burst in a list: its state, its main results, counts.

    The results are those of the last analysis that has them, or else of the quick look.
    """

    id: str
    """Id that the senders use."""
    t0_utc: str | None
    """Reference time of the last analysis or the quick look, ISO-8601 UTC; null: unknown."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock; null: unknown."""
    created_at: datetime
    """When the burst was first named."""
    state: BurstState
    """Its state."""
    stream: ResultStream | None
    """Where the results come from; null: there are none."""
    instrument: str | None
    """Instrument of the reference duration; null: unknown."""
    significance: float | None
    """Significance over T100, sigma; null: unknown."""
    t90_s: float | None
    """T90, seconds; null: unknown."""
    epeak_kev: float | None
    """Peak energy, keV; null: unknown."""
    fluence_erg: float | None
    """Energy fluence in the first configured band, erg/cm2; null: unknown."""
    burst_class: ClassName | None = field(name="class")
    """Class; null: unknown."""
    data_files: int
    """Number of received files, accepted or refused."""
    tasks: int
    """Number of tasks in any state."""
    products: int
    """Number of products of all tasks."""
    claim: BurstClaim | None
    """Who takes care of it; null: nobody."""
    record: ResultOfRecord | None
    """The run that stands for it, whose results these are; null: the last analysis."""


class BurstPage(Struct, frozen=True, kw_only=True):
    """A page of bursts."""

    bursts: list[ListedBurst]
    """The bursts."""
    next: str | None
    """Path of the next page; null: this is the last one."""


class BurstNext(Struct, frozen=True, kw_only=True):
    """Paths to what does not fit on the page of a burst."""

    data: str | None
    """More data files; null: there are none."""
    tasks: str | None
    """More tasks; null: there are none."""


class Burst(Struct, frozen=True, kw_only=True):
    """A burst with its data, tasks and products."""

    id: str
    """Id that the senders use."""
    t0_utc: str | None
    """Reference time of the last analysis or the quick look, ISO-8601 UTC; null: unknown."""
    t0_met_s: float | None
    """The same, seconds of the mission's clock; null: unknown."""
    trigger_utc: str | None
    """Trigger time that a notification gave, ISO-8601 UTC; null: none did."""
    expected: str
    """Instruments that a notification announced data of, separated by commas."""
    ask_reason: str
    """Why the last query of the mission database failed; empty: it succeeded, or there was none."""
    created_at: datetime
    """When the burst was first named."""
    claim: BurstClaim | None
    """Who takes care of it; null: nobody."""
    record: ResultOfRecord | None
    """The run that stands for it; null: none was accepted."""
    vhf: QuickLook | None
    """The quick look; null: nothing came by VHF."""
    next: BurstNext
    """Paths to what does not fit here."""
    unused: list[UnusedFile]
    """Files that no analysis uses, with the reasons."""
    data: list[DataFile]
    """Its data files."""
    tasks: list[ListedTask]
    """Its tasks."""
    products: list[Product]
    """Products of its tasks."""


class ScheduledFetch(Struct, frozen=True, kw_only=True):
    """A query of the mission database that will be made."""

    burst_id: str
    """The burst whose files are asked for."""

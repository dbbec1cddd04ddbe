"""The service itself, as REST shows it: health, dead letters and problems."""

from datetime import datetime

from msgspec import Struct

__all__ = [
    "AnnouncementsState",
    "DeadLetterPage",
    "Dependency",
    "FetchesState",
    "ListedDeadLetter",
    "Live",
    "OpenTasks",
    "Problem",
    "QuickLookHealth",
    "Ready",
    "WorkersState",
]


class Problem(Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457)."""

    type: str
    """URL of a page about this kind of problem."""
    title: str
    """The status in words."""
    status: int
    """The HTTP status."""
    detail: str
    """What was wrong, where, and what would be right."""


class Live(Struct, frozen=True, kw_only=True):
    """A sign of life."""

    live: bool
    """Always true: the event loop runs."""


class Dependency(Struct, frozen=True, kw_only=True):
    """The state of a dependency."""

    ok: bool
    """Whether it works."""
    fault: str
    """What is wrong; empty: nothing."""


class WorkersState(Dependency, frozen=True, kw_only=True):
    """The state of the worker processes."""

    alive: int
    """Workers that run."""
    wanted: int
    """Workers that are to run."""
    busy: int
    """Workers that compute."""


class AnnouncementsState(Dependency, frozen=True, kw_only=True):
    """The state of the announcements."""

    oldest_s: float
    """Age of the oldest unpublished announcement, seconds."""
    limit_s: float
    """Age from which this is a fault, seconds."""
    dead_letters: int
    """Announcements that NATS refused for good."""


class QuickLookHealth(Struct, frozen=True, kw_only=True):
    """The state of the quick look."""

    set_aside: dict[str, int]
    """Packets that were left out since the start, by cause."""


class FetchesState(Struct, frozen=True, kw_only=True):
    """Files that are still to be downloaded."""

    waiting: int
    """Number of downloads that failed and are tried again."""
    longest_s: float
    """Longest time that one has waited, seconds."""
    limit_s: float
    """Time after which a download is given up, seconds."""
    reason: str
    """Why the longest waiting one failed; empty: none waits."""


class OpenTasks(Struct, frozen=True, kw_only=True):
    """Tasks that have not ended."""

    open: int
    """Their number."""
    most: int
    """Number from which new tasks are refused."""


class Ready(Struct, frozen=True, kw_only=True):
    """The state of everything that the daemon depends on."""

    ready: bool
    """Whether it accepts work."""
    checked_ago_s: float | None
    """Age of the last check, seconds; null: there was none."""
    database: Dependency
    """The database stores."""
    nats: Dependency
    """NATS stores messages."""
    workers: WorkersState
    """Worker processes."""
    storage: Dependency
    """Free space of the file store."""
    announcements: AnnouncementsState
    """Announcements are published."""
    quick_look: QuickLookHealth
    """Packets of the VHF network."""
    fetches: FetchesState
    """Downloads."""
    tasks: OpenTasks
    """Open tasks."""


class ListedDeadLetter(Struct, frozen=True, kw_only=True):
    """An announcement that NATS refused for good."""

    id: int
    """Number of the dead letter."""
    message_id: str
    """Message id under which it would have been published."""
    reason: str
    """Why it was given up."""
    note: str
    """One sentence for people about the announced fact."""
    created_at: datetime
    """When the fact became true."""
    buried_at: datetime
    """When it was given up."""
    activity: str
    """Begin of the fact, JSON."""
    bytes: int
    """Size of the whole fact, bytes."""


class DeadLetterPage(Struct, frozen=True, kw_only=True):
    """A page of dead letters."""

    dead_letters: list[ListedDeadLetter]
    """The dead letters, oldest first."""
    next: str | None
    """Path of the next page; null: this is the last one."""

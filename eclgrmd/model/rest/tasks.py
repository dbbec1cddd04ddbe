"""Tasks, as REST shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from eclgrmd.model.task import FiguresState, TaskState

from .products import Product

__all__ = [
    "ExplainedConfiguration",
    "FiguresToCome",
    "ListedTask",
    "Plan",
    "RerunTask",
    "StateChange",
    "Task",
    "TaskFigures",
    "TaskLinks",
    "TaskLog",
    "TaskPage",
    "WaitedFigures",
]


class TaskFigures(Struct, frozen=True, kw_only=True):
    """The state of a task's figures."""

    state: FiguresState
    """Their state."""
    reason: str
    """Why they failed, or wait again; empty: neither."""
    attempts: int
    """Number of attempts to draw them."""


class TaskLinks(Struct, frozen=True, kw_only=True):
    """Paths that belong to a task."""

    self: str
    """The task."""
    logs: str
    """Its log."""
    figures: str
    """Its figures."""
    burst: str
    """Its burst."""


class ListedTask(Struct, frozen=True, kw_only=True):
    """A task in a list."""

    id: str
    """Id that the sender or the planner chose; unique among all tasks."""
    burst_id: str
    """Burst that the task analyses."""
    analysis: str
    """Kind of the analysis."""
    state: TaskState
    """Present state."""
    reason: str
    """Why the task came to this state."""
    attempts: int
    """Number of times that a worker began it."""
    figures: TaskFigures
    """State of its figures."""
    origin: Literal["automatic", "sent"]
    """Whether the daemon submitted it by itself."""
    series: str
    """Series of an automatic task, whose versions supersede each other; empty: a sent task."""
    proc_ver: int
    """Processing version of the products, from 1."""
    incomplete: str
    """Data that were still missing when the task was made; empty: none."""
    superseded_by: str | None
    """Task with a newer version of the same analysis; null: this is the newest."""
    created_at: datetime
    """When the task was received."""
    started_at: datetime | None
    """Begin of the first attempt; null: it has not begun."""
    finished_at: datetime | None
    """When the task ended; null: it has not."""
    inputs: list[dict[str, Any]]
    """Name and, if the sender gave it, checksum of each file."""
    configuration: Annotated[dict[str, Any], Meta(title="own keys")]
    """Keys that differ from the daemon's configuration."""
    rerun_of: str | None
    """Task that this one repeats; null: it is no re-run."""
    summary: dict[str, Any] | None
    """The main results; null unless the task is done."""
    links: TaskLinks
    """Paths that belong to the task."""


class TaskPage(Struct, frozen=True, kw_only=True):
    """A page of tasks."""

    tasks: list[ListedTask]
    """The tasks."""
    next: str | None
    """Path of the next page; null: this is the last one."""


class StateChange(Struct, frozen=True, kw_only=True):
    """A state change of a task."""

    number: int
    """Position among the changes of the task, from 1."""
    state: TaskState
    """State after the change."""
    reason: str
    """Why the state changed, for people."""
    at: datetime
    """When it changed."""


class Task(ListedTask, frozen=True, kw_only=True):
    """A task with its state changes and products."""

    changes: list[StateChange]
    """All state changes, oldest first."""
    products: list[Product]
    """Its products."""


class Plan(Struct, frozen=True, kw_only=True):
    """The steps of a re-run."""

    touched: list[str]
    """Steps that the changes of the configuration touch: they are computed again."""
    kept: list[str]
    """Steps whose outcome can be used again."""


class RerunTask(Task, frozen=True, kw_only=True):
    """A task that repeats another one."""

    plan: Plan
    """The steps that are computed again."""


class WaitedFigures(TaskFigures, frozen=True, kw_only=True):
    """The figures of a task, after a wait for them."""

    figures: list[Product]
    """The figures that are drawn."""


class FiguresToCome(Struct, frozen=True, kw_only=True):
    """Figures that are still to be drawn."""

    state: FiguresState
    """Their state: queued or running."""
    detail: str
    """The same as a sentence."""
    link: str
    """What to request again."""
    retry_after_s: int
    """When, seconds from now."""


class TaskLog(Struct, frozen=True, kw_only=True):
    """The log of a task."""

    lines: list[dict[str, Any]]
    """State changes and lines of its workers, by time, each with `timestamp`, `level`, `event`."""


class ExplainedConfiguration(Struct, frozen=True, kw_only=True):
    """The full configuration of a task."""

    task: str
    """The task."""
    configuration: dict[str, Any]
    """Every key with the value in force."""
    sources: dict[str, str]
    """The layer that each value comes from, by JSON pointer."""
    sha256: str
    """Checksum of the configuration, 64 hexadecimal digits."""

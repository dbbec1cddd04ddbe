"""Typed rows of the tables `task`, `task_change` and `task_input`."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from eclgrmd.model.task import FiguresState, TaskState, TaskType

__all__ = [
    "HELD_COLUMNS",
    "AutomaticInput",
    "HeldTask",
    "KeptRequest",
    "QueuedTask",
    "TaskChange",
    "TaskRow",
]

HELD_COLUMNS = (
    "task_id, burst_id, analysis, state, attempts, faults, changes, series, proc_ver, incomplete, "
    "figures, drawings"
)
"""Columns of the table `task` that make a `HeldTask`; no more, because each costs time."""


class HeldTask(Struct, frozen=True):
    """A locked row of the table `task`, with what is needed to change its state."""

    task_id: str
    """Id that the sender or the planner chose; unique among all tasks."""
    burst_id: str
    """Burst that the task analyses."""
    analysis: TaskType
    """Kind of the analysis."""
    state: TaskState
    """State before the change."""
    attempts: int
    """Number of claims of the analysis so far."""
    faults: int
    """Number of attempts whose worker died or exceeded its time or memory; those at the analysis
    do not count for the figures."""
    changes: int
    """Number of the last state change, from 1."""
    series: str
    """Series of an automatic task, whose versions supersede each other; empty: a sent task."""
    proc_ver: int
    """PROC_VER of the products, from 1; raised with each re-processing."""
    incomplete: str
    """Data that were still missing when the task was made; empty: none."""
    figures: FiguresState = FiguresState.NONE
    """State of the figures."""
    drawings: int = 0
    """Number of claims of the figures so far."""


class QueuedTask(HeldTask, frozen=True, kw_only=True):
    """A queued task that is about to be claimed."""

    request: str
    """The task as it was received, JSON."""
    created_at: datetime
    """When the task was received, UTC without zone."""
    trigger_utc: str | None
    """Trigger time that a notification gave for the burst, ISO-8601 UTC; None: none did."""


class TaskChange(Struct, frozen=True):
    """A state change of a task."""

    number: int
    """Position among the changes of the task, from 1."""
    state: TaskState
    """State after the change."""
    reason: str
    """Why the state changed, for people."""
    at: datetime
    """When it changed, UTC without zone."""


class KeptRequest(Struct, frozen=True):
    """The displayed part of a task's request; another version of eclgrmd may have written it."""

    inputs: list[dict[str, Any]] = []
    """Name and, if the sender gave it, checksum of each file."""
    configuration: dict[str, Any] = {}
    """Keys that differ from the daemon's configuration."""
    rerun_of: str | None = None
    """Task that this one repeats; None: it is no re-run."""


class TaskRow(Struct, frozen=True, kw_only=True):
    """A task as REST shows it; times are UTC without zone."""

    task_id: str
    """Id that the sender or the planner chose; unique among all tasks."""
    burst_id: str
    """Burst that the task analyses."""
    analysis: str
    """Kind of the analysis, a `TaskType`; other versions may know others."""
    state: TaskState
    """Present state."""
    reason: str
    """Why the task came to this state."""
    priority: int
    """A `tasks.Priority`; small numbers go first."""
    request: KeptRequest
    """What the sender asked for."""
    attempts: int
    """Number of claims of the analysis so far."""
    faults: int
    """Number of attempts whose worker died or exceeded its time or memory."""
    owner: str | None
    """Node id of the daemon that runs the task; None: no daemon does."""
    created_at: datetime
    """When the task was received."""
    started_at: datetime | None
    """Begin of the first attempt; None: it has not begun."""
    finished_at: datetime | None
    """When the task ended; None: it has not."""
    summary: dict[str, Any] | None
    """The main results; None unless the task is done."""
    series: str
    """Series of an automatic task, whose versions supersede each other; empty: a sent task."""
    proc_ver: int
    """PROC_VER of the products, from 1."""
    incomplete: str
    """Data that were still missing when the task was made; empty: none."""
    superseded_by: str | None
    """Task with a newer version of the same analysis; None: this is the newest."""
    figures: FiguresState
    """State of the figures."""
    figures_reason: str
    """Why the figures failed, or wait again; empty: neither."""
    drawings: int
    """Number of claims of the figures so far; their log lines have the attempts that follow those
    of the analysis."""
    changes: tuple[TaskChange, ...] = ()
    """All state changes, oldest first; empty in a list of tasks."""


class AutomaticInput(Struct, frozen=True):
    """An input of an automatic task, with what the planner needs of the task."""

    task_id: str
    """Id of the task."""
    series: str
    """Series of the task."""
    state: TaskState
    """Present state of the task."""
    proc_ver: int
    """PROC_VER of the task, from 1."""
    sha256: str | None
    """Checksum of the input, 64 hexadecimal digits; None: any file of the name would do."""

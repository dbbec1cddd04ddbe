"""Rows of the tables `task`, `task_change` and `task_input`, as they are read."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from eclgrmd.model.task import TaskState, TaskType

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
    "task_id, burst_id, analysis, state, attempts, faults, changes, series, proc_ver, incomplete"
)
"""Columns of the table `task` that make a `HeldTask`; each costs its reading."""


class HeldTask(Struct, frozen=True):
    """What a change of a task's state needs to know of its row, which is locked."""

    task_id: str
    burst_id: str
    analysis: TaskType
    state: TaskState
    attempts: int
    """How often it was claimed; also the fencing token of the last claim."""
    faults: int
    """How often its worker died or ran out of time or memory."""
    changes: int
    """Number of its last change of state, from 1."""
    series: str
    """What an automatic task makes anew with each new file; empty: the task was sent."""
    proc_ver: int
    """PROC_VER, raised with each re-processing, from 1."""
    incomplete: str
    """What was missing when it was made; empty: nothing."""


class QueuedTask(HeldTask, frozen=True):
    """A task that is about to be claimed."""

    request: str
    """The task as it was sent, JSON."""
    created_at: datetime
    """UTC, without zone."""
    trigger_utc: str | None
    """Reference time of its burst as it was told, ISO-8601; None: nobody told."""


class TaskChange(Struct, frozen=True):
    """A change of a task's state."""

    number: int
    """From 1."""
    state: TaskState
    reason: str
    at: datetime
    """UTC, without zone."""


class KeptRequest(Struct, frozen=True):
    """What a task asks for, as far as it is shown; other versions may have written it."""

    inputs: list[dict[str, Any]] = []
    """Name and, where it was told, checksum of each file."""
    configuration: dict[str, Any] = {}
    """Keys that differ from the daemon's own."""
    rerun_of: str | None = None
    """The task that this one does again."""


class TaskRow(Struct, frozen=True, kw_only=True):
    """A whole task, as people ask for it; times are UTC, without zone."""

    task_id: str
    burst_id: str
    analysis: str
    state: TaskState
    reason: str
    """Why it came to this state."""
    priority: int
    """See `tasks.Priority`."""
    request: KeptRequest
    attempts: int
    """How often it was claimed."""
    faults: int
    """How often its worker died or ran out of time or memory."""
    owner: str | None
    """The daemon that runs it."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    summary: dict[str, Any] | None
    """The main results; None: it is not done."""
    series: str
    """What an automatic task makes anew with each new file; empty: the task was sent."""
    proc_ver: int
    """PROC_VER, from 1."""
    incomplete: str
    """What was missing when it was made; empty: nothing."""
    superseded_by: str | None
    """The task that has put it out of date."""
    changes: tuple[TaskChange, ...] = ()
    """Every change of its state, oldest first; empty in a list of tasks."""


class AutomaticInput(Struct, frozen=True):
    """An automatic task and one of its inputs."""

    task_id: str
    series: str
    state: TaskState
    proc_ver: int
    sha256: str | None

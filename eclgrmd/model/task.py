"""A task's states and the only ways between them."""

from enum import StrEnum

__all__ = ["FINAL_STATES", "TRANSITIONS", "TaskState", "TaskType"]


class TaskType(StrEnum):
    """What a task computes."""

    TEMPORAL = "temporal"
    SPECTRAL = "spectral"
    BURST = "burst"
    """Temporal, then spectral over the interval found."""


class TaskState(StrEnum):
    """How far a task got."""

    WAITING = "waiting"
    """Its inputs are not all in the store."""
    QUEUED = "queued"
    """It can run."""
    RUNNING = "running"
    """A worker has it."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[TaskState, frozenset[TaskState]] = {
    TaskState.WAITING: frozenset({TaskState.QUEUED, TaskState.FAILED, TaskState.CANCELLED}),
    TaskState.QUEUED: frozenset({TaskState.RUNNING, TaskState.CANCELLED}),
    TaskState.RUNNING: frozenset(
        {TaskState.DONE, TaskState.FAILED, TaskState.QUEUED, TaskState.CANCELLED}
    ),
    TaskState.DONE: frozenset(),
    TaskState.FAILED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}

FINAL_STATES = frozenset(state for state, after in TRANSITIONS.items() if not after)

"""The types and states of tasks, and the allowed transitions between states."""

from enum import StrEnum

__all__ = ["FINAL_STATES", "TRANSITIONS", "TaskState", "TaskType"]


class TaskType(StrEnum):
    """Analyses that a task can run."""

    TEMPORAL = "temporal"
    SPECTRAL = "spectral"
    BURST = "burst"
    """The temporal analysis, then the spectral one in the interval found."""


class TaskState(StrEnum):
    """States of a task."""

    WAITING = "waiting"
    """Some inputs have not arrived."""
    QUEUED = "queued"
    """Ready to run."""
    RUNNING = "running"
    """A worker computes it."""
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

"""States that may follow each state."""

FINAL_STATES = frozenset(state for state, after in TRANSITIONS.items() if not after)
"""States that never change again."""

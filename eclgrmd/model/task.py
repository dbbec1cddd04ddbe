"""The types and states of tasks and of their figures, and the allowed changes of state."""

from enum import StrEnum

__all__ = [
    "FINAL_STATES",
    "PENDING_FIGURES",
    "TRANSITIONS",
    "FiguresState",
    "TaskState",
    "TaskType",
]


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
    """The result is there; its figures have a state of their own (`FiguresState`)."""
    FAILED = "failed"
    CANCELLED = "cancelled"


class FiguresState(StrEnum):
    """States of the figures of a task, which are drawn after its result was announced."""

    NONE = "none"
    """There is no result yet, or it is to have no figures."""
    LATER = "later"
    """They are drawn when somebody requests one."""
    QUEUED = "queued"
    """Ready to be drawn as soon as no analysis waits."""
    RUNNING = "running"
    """A worker draws them."""
    DONE = "done"
    """They are among the products."""
    FAILED = "failed"
    """They could not be drawn; the result stands."""


PENDING_FIGURES = frozenset({FiguresState.QUEUED, FiguresState.RUNNING})
"""States after which a second announcement of the products follows."""


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

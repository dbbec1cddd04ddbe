"""A test sequence: the request, and the records of its files and tasks."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from eclgrmd.model.messages.founding import TaskActivity
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.task import TaskState, TaskType

from .collect import CollectedProduct

__all__ = [
    "Door",
    "FileRecord",
    "SequenceRequest",
    "SequenceState",
    "SequenceView",
    "TaskRecord",
    "other",
    "tagged",
]

Door = Literal["nats", "rest"]
SequenceState = Literal["running", "done", "failed"]


class SequenceRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A request to send the data and tasks of some bursts."""

    bursts: tuple[str, ...] = ()
    """Ids of the bursts. Empty: all of the catalogue."""
    analyses: tuple[TaskType, ...] = (TaskType.BURST, TaskType.TEMPORAL, TaskType.SPECTRAL)
    """Kinds of the prepared tasks to send."""
    door: Literal["nats", "rest", "mixed"] = "mixed"
    """`mixed`: files and tasks of a burst alternate between NATS and REST."""
    data: bool = True
    """Whether files are sent; False: they were sent before."""
    twice: bool = False
    """Whether the first task of each burst is sent again by the other door."""
    tag: Annotated[str, Meta(pattern="^[A-Za-z0-9._+-]{0,30}$")] = ""
    """Suffix of the task ids, so that a sequence can be repeated."""
    at_once: Annotated[int, Meta(ge=1, le=100)] = 2
    """Number of bursts in progress at the same time."""
    limit_s: Annotated[float, Meta(gt=0)] = 300.0
    """Longest time to wait for the end of a task, seconds."""


class FileRecord(Struct, frozen=True):
    """Record of a file that was sent."""

    burst_id: str
    """Burst of the file."""
    name: str
    """File name."""
    door: Door
    """How it was sent."""
    size: int
    """Size, bytes."""
    state: Literal["accepted", "refused", "silent"]
    """As announced; `silent`: nothing was announced within the limit."""
    reason: str
    """Why it was not accepted. Empty: it was."""


class TaskRecord(Struct, frozen=True):
    """Record of a task."""

    task_id: str
    """Id of the task."""
    burst_id: str
    """Burst of the task."""
    analysis: TaskType
    """Kind of analysis."""
    door: Door
    """How it was first sent."""
    sent: int
    """How many times it was sent."""
    state: TaskState | None
    """Final state. None: it did not end within the limit."""
    reason: str
    """Reason of the final state, or what was not announced."""
    changes: tuple[TaskActivity, ...]
    """Announced changes, in order."""
    latency_s: float | None
    """From sending data and task to the announcement of the products, seconds."""
    products: tuple[CollectedProduct, ...]
    """Products that were fetched."""


class SequenceView(Struct, frozen=True, kw_only=True):
    """State of a sequence."""

    id: str
    """Number of the sequence."""
    state: SequenceState
    """`running`, `done` or `failed`."""
    reason: str = ""
    """Why it failed. Empty: it did not."""
    bursts: tuple[str, ...]
    """Ids of its bursts."""
    finished: tuple[str, ...]
    """Ids of bursts whose tasks have all ended."""
    files: tuple[FileRecord, ...]
    """One record for each file whose result is known."""
    tasks: tuple[TaskRecord, ...]
    """One record for each task that has ended."""


def tagged(task: TaskRequest, tag: str) -> TaskRequest:
    """Return a task whose id ends with a tag."""
    if not tag:
        return task
    return TaskRequest(
        id=f"{task.id}.{tag}",
        burst_id=task.burst_id,
        inputs=task.inputs,
        analysis=task.analysis,
        configuration=task.configuration,
    )


def other(door: Door) -> Door:
    """Return the other door."""
    return "rest" if door == "nats" else "nats"

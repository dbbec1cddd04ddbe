"""A test sequence: what is asked for, and the record of how it went."""

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
    """What to send, and by which door."""

    bursts: tuple[str, ...] = ()
    """Which bursts; empty: all of the catalogue."""
    analyses: tuple[TaskType, ...] = (TaskType.BURST, TaskType.TEMPORAL, TaskType.SPECTRAL)
    """Which of the prepared tasks."""
    door: Literal["nats", "rest", "mixed"] = "mixed"
    """`mixed`: every other file and task of a burst by NATS, the others by REST."""
    data: bool = True
    """False: the files were sent before."""
    twice: bool = False
    """Send every first task of a burst a second time, by the other door."""
    tag: Annotated[str, Meta(pattern="^[A-Za-z0-9._+-]{0,30}$")] = ""
    """Goes to the end of the task ids, so that a sequence can be played again."""
    at_once: Annotated[int, Meta(ge=1, le=100)] = 2
    """How many bursts are on the way at a time."""
    limit_s: Annotated[float, Meta(gt=0)] = 300.0
    """How long to wait for a task's end."""


class FileRecord(Struct, frozen=True):
    """What became of a file that was sent."""

    burst_id: str
    name: str
    door: Door
    size: int
    state: Literal["accepted", "refused", "silent"]
    """`silent`: nothing was heard of it within the limit."""
    reason: str


class TaskRecord(Struct, frozen=True):
    """What became of a task that was sent."""

    task_id: str
    burst_id: str
    analysis: TaskType
    door: Door
    sent: int
    """How many times it was sent."""
    answers: tuple[int, ...]
    """Statuses that REST answered to it."""
    state: TaskState | None
    """Its final state; None: none within the limit."""
    reason: str
    changes: tuple[TaskActivity, ...]
    """As announced, in the order of their announcement."""
    latency_s: float | None
    """From the moment that data and task were sent to the announcement of the products."""
    products: tuple[CollectedProduct, ...]


class SequenceView(Struct, frozen=True, kw_only=True):
    """How far a sequence got."""

    id: str
    state: SequenceState
    reason: str = ""
    bursts: tuple[str, ...]
    finished: tuple[str, ...]
    """Bursts whose tasks are all over."""
    files: tuple[FileRecord, ...]
    tasks: tuple[TaskRecord, ...]


def tagged(task: TaskRequest, tag: str) -> TaskRequest:
    """Give a task an id of this sequence's own."""
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
    """Give the door that this one is not."""
    return "rest" if door == "nats" else "nats"

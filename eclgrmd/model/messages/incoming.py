"""Messages that come in on `data.bandx` and by REST: data notifications, tasks, re-runs.

What goes out has its form in `founding` and `messages_v1`.
"""

from importlib.resources import files
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from eclgrmd.model.configuration.layers import Layer, canonical_sha256, patched, resolve
from eclgrmd.model.decode import convert_value, decode_json, understood
from eclgrmd.model.names import END, Identifier, Instrument
from eclgrmd.model.task import TaskType

from .founding import ServiceMessage

__all__ = [
    "Configuration",
    "DataNotification",
    "FileLink",
    "Incoming",
    "RerunRequest",
    "TaskInput",
    "TaskRequest",
    "again",
    "read_incoming",
    "read_rerun",
    "read_task",
    "schemas",
]

FileName = Annotated[
    str,
    Meta(
        pattern=rf"^[A-Za-z0-9][A-Za-z0-9._+-]{{0,199}}{END}",
        description="a bare file name: letters, digits and . _ + - (at most 200)",
    ),
]
Sha256 = Annotated[
    str, Meta(pattern=rf"^[0-9a-f]{{64}}{END}", description="64 lower-case hex digits")
]
Url = Annotated[
    str,
    Meta(
        pattern=rf"^https?://[^\s]+{END}",
        max_length=2000,
        description="http:// or https:// and no white space (at most 2000 characters)",
    ),
]
UtcTime = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
        rf"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{{1,9}})?Z{END}",
        description="ISO-8601 UTC: 2026-11-22T10:15:30.25Z",
    ),
]
Configuration = Annotated[
    dict[str, Any],
    Meta(
        description="part of a TaskConfiguration: the keys that are set",
        extra_json_schema={"$ref": "#/$defs/TaskConfiguration"},
    ),
]


_MOST_BYTES = 2**53 - 1
"""What every JSON reader and the tables hold exactly; the site's limits are far below."""


class FileLink(Struct, frozen=True, forbid_unknown_fields=True):
    """A data file to fetch."""

    name: FileName
    url: Url
    size: Annotated[int, Meta(gt=0, le=_MOST_BYTES)]
    """Bytes."""
    sha256: Sha256


class DataNotification(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="data"
):
    """Data of a burst are there to be fetched."""

    id: Identifier
    burst_id: Identifier
    files: Annotated[tuple[FileLink, ...], Meta(min_length=1, max_length=1000)]
    trigger_utc: UtcTime | None = None
    """Reference time of the burst; null: the files tell."""
    expected: Annotated[tuple[Instrument, ...], Meta(max_length=len(Instrument))] = ()
    """Instruments that have data of the burst; empty: as the daemon is configured."""


class TaskInput(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a task waits for."""

    name: FileName
    sha256: Sha256 | None = None
    """Exactly this content; null: the accepted file of that name."""


class TaskRequest(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="task"):
    """Something to be analysed; it waits until its inputs are in the store."""

    id: Identifier
    burst_id: Identifier
    inputs: Annotated[tuple[TaskInput, ...], Meta(min_length=1, max_length=1000)]
    analysis: TaskType = TaskType.BURST
    configuration: Configuration = {}
    """What differs from the site's configuration and the built-in one."""
    rerun_of: Identifier | None = None
    """The task that this one does again with other keys; what they do not touch is reused."""


class RerunRequest(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="rerun"):
    """A task that is to be done again, with changed keys only."""

    task: Identifier
    configuration: Configuration = {}
    """Changes to the task's own keys (JSON merge patch): null takes a key back."""
    id: Identifier | None = None
    """Of the new task; null: made from the task's and the changes."""
    analysis: TaskType | None = None
    """Null: as the task's."""


Incoming = DataNotification | TaskRequest | RerunRequest


def read_incoming(payload: bytes) -> Incoming:
    """Decode a message of `data.bandx`.

    Raises
    ------
    InputError
        With the path of the wrong value and what would be right.
    """
    message: Incoming = decode_json(payload, Incoming, what="message")
    if isinstance(message, TaskRequest):
        _check_layer(message.configuration)
    return message


def read_task(payload: bytes) -> TaskRequest:
    """Decode a task.

    Raises
    ------
    InputError
        With the path of the wrong value and what would be right.
    """
    task = decode_json(payload, TaskRequest, what="task")
    _check_layer(task.configuration)
    return task


def read_rerun(payload: bytes, task_id: str) -> RerunRequest:
    """Decode what is to be changed in a task; an empty payload changes nothing.

    Raises
    ------
    InputError
        With the JSON pointer of the wrong value and what would be right.
    """
    values = decode_json(payload or b"{}", dict[str, Any], what="re-run")
    return convert_value({"task": task_id, **values}, RerunRequest, what="re-run")


def again(task: TaskRequest, wanted: RerunRequest) -> TaskRequest:
    """Make the task that does another one again with changed keys.

    Calibration and background files that the changes name become inputs too.

    Raises
    ------
    InputError
        When the configuration that comes of it is wrong.
    """
    with understood("configuration"):
        configuration = patched(task.configuration, wanted.configuration)
    _check_layer(configuration)
    analysis = wanted.analysis or task.analysis
    known = {file.name for file in task.inputs}
    named = (*configuration.get("calibration", ()), configuration.get("background", {}).get("file"))
    added = [TaskInput(name) for name in named if name and name not in known]
    changes = canonical_sha256([configuration, analysis, task.inputs])
    request = TaskRequest(
        id=wanted.id or f"{task.id[:80]}.r{changes[:12]}",
        burst_id=task.burst_id,
        inputs=(*task.inputs, *added),
        analysis=analysis,
        configuration=configuration,
        rerun_of=task.id,
    )
    # Part of it was taken in by an older version, whose rules were others.
    return convert_value(msgspec.to_builtins(request), TaskRequest, what="re-run")


def _check_layer(configuration: dict[str, Any]) -> None:
    with understood("configuration"):
        resolve(Layer("task", configuration))


def schemas() -> dict[str, Any]:
    """Return the JSON Schema of every message, by name."""
    kinds = (DataNotification, TaskRequest, RerunRequest, ServiceMessage)
    found = {kind.__name__: msgspec.json.schema(kind) for kind in kinds}
    configuration = msgspec.json.decode(
        files("eclgrmd.model.configuration").joinpath("configuration.schema.json").read_bytes()
    )
    for schema in found.values():
        schema["$defs"] |= configuration["$defs"]
    return {**found, "TaskConfiguration": configuration}

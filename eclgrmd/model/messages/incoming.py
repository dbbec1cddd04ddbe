"""Incoming messages on `data.bandx` and by REST: data notifications, tasks and re-runs.

The modules `founding` and `version1` define outgoing messages.
"""

from importlib.resources import files
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from eclgrmd.model.configuration.layers import Layer, canonical_sha256, patched, resolve
from eclgrmd.model.decode import convert_value, decode_json, explained_errors
from eclgrmd.model.names import END, Identifier, Instrument
from eclgrmd.model.task import TaskType

from .founding import ServiceMessage

__all__ = [
    "Configuration",
    "DataNotification",
    "FileLink",
    "Incoming",
    "RerunChanges",
    "RerunRequest",
    "TaskInput",
    "TaskRequest",
    "read_incoming",
    "read_rerun",
    "read_task",
    "rerun_task",
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
"""Largest integer that every JSON reader represents exactly (RFC 8259, section 6). A site's own
limits are far below."""


class FileLink(Struct, frozen=True, forbid_unknown_fields=True):
    """A data file to fetch."""

    name: FileName
    """Name of the file, without folders."""
    url: Url
    """Address to fetch it from."""
    size: Annotated[int, Meta(gt=0, le=_MOST_BYTES)]
    """Size, bytes."""
    sha256: Sha256
    """Checksum, 64 lower-case hexadecimal digits."""


class DataNotification(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="data"
):
    """Data of a burst are available."""

    id: Identifier
    """Id of the notification; a repetition is ignored, another one with the same id refused."""
    burst_id: Identifier
    """The burst."""
    files: Annotated[tuple[FileLink, ...], Meta(min_length=1, max_length=1000)]
    """The files."""
    trigger_utc: UtcTime | None = None
    """Reference time of the burst; null: from the files."""
    expected: Annotated[tuple[Instrument, ...], Meta(max_length=len(Instrument))] = ()
    """Instruments with data of the burst; empty: as in the settings of the daemon."""


class TaskInput(Struct, frozen=True, forbid_unknown_fields=True):
    """An input file of a task."""

    name: FileName
    """Name of the file."""
    sha256: Sha256 | None = None
    """Checksum of the content; null: any accepted file of that name."""


class TaskRequest(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="task"):
    """A request for an analysis, which waits until all its inputs have arrived."""

    id: Identifier
    """Id of the task; a repetition is ignored, another task with the same id refused."""
    burst_id: Identifier
    """The burst."""
    inputs: Annotated[tuple[TaskInput, ...], Meta(min_length=1, max_length=1000)]
    """Files to analyse."""
    analysis: TaskType = TaskType.BURST
    """Analysis to run."""
    configuration: Configuration = {}
    """Keys that differ from the configuration of the site and the built-in one."""
    rerun_of: Identifier | None = None
    """Task that is run again with other keys; outcomes that do not depend on them are reused. Null:
    none."""


class RerunChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a re-run of a task changes."""

    configuration: dict[str, Any] = {}
    """Changes of the task's own keys (JSON merge patch of a TaskConfiguration); null removes a
    key."""
    id: Identifier | None = None
    """Id of the new task; null: derived from the old id and the changes."""
    analysis: TaskType | None = None
    """Analysis to run; null: that of the task."""


class RerunRequest(
    RerunChanges,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="rerun",
):
    """A request to run a task again with some configuration keys changed."""

    task: Identifier
    """Id of the task to run again."""


Incoming = DataNotification | TaskRequest | RerunRequest
"""Any message on `data.bandx`; the field `type` tells which."""


def read_incoming(payload: bytes) -> Incoming:
    """Decode a message of `data.bandx`.

    Raises
    ------
    InputError
        If it is malformed; the text names the path of the wrong value and what would be right.
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
        If it is malformed; the text names the path of the wrong value and what would be right.
    """
    task = decode_json(payload, TaskRequest, what="task")
    _check_layer(task.configuration)
    return task


def read_rerun(payload: bytes, task_id: str) -> RerunRequest:
    """Decode a re-run request, which may be empty.

    Parameters
    ----------
    payload
        The request without the task.
    task_id
        The task to run again.

    Raises
    ------
    InputError
        If it is malformed; the text names the JSON pointer of the wrong value and what would be
        right.
    """
    changes = decode_json(payload or b"{}", RerunChanges, what="re-run")
    return convert_value(
        {"task": task_id, **msgspec.structs.asdict(changes)}, RerunRequest, what="re-run"
    )


def rerun_task(task: TaskRequest, wanted: RerunRequest) -> TaskRequest:
    """Return the task that runs another one again with changed keys.

    Calibration and background files that the new configuration names become inputs too.

    Raises
    ------
    InputError
        If the new configuration is wrong.
    """
    with explained_errors("configuration"):
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
    # Check all fields: an older version with other rules may have accepted the old task.
    return convert_value(msgspec.to_builtins(request), TaskRequest, what="re-run")


def _check_layer(configuration: dict[str, Any]) -> None:
    with explained_errors("configuration"):
        resolve(Layer("task", configuration))


def schemas() -> dict[str, Any]:
    """Return the JSON Schema of every incoming message and of the envelope, by name."""
    kinds = (DataNotification, TaskRequest, RerunRequest, ServiceMessage)
    found = {kind.__name__: msgspec.json.schema(kind) for kind in kinds}
    configuration = msgspec.json.decode(
        files("eclgrmd.model.configuration").joinpath("configuration.schema.json").read_bytes()
    )
    for schema in found.values():
        schema["$defs"] |= configuration["$defs"]
    return {**found, "TaskConfiguration": configuration}

"""Provenance of a result: inputs, steps, and all that is needed to make it again."""

from msgspec import Struct

from eclgrmd.model.flags import FlagText
from eclgrmd.model.task import TaskType

__all__ = ["Input", "Process", "StepRecord"]


class Input(Struct, frozen=True):
    """A file that was analysed."""

    name: str
    """File name without folder."""
    sha256: str
    """Checksum of the content, 64 hex digits."""
    kind: str
    """What the file holds: a value of `FileKind`."""
    version: int | None = None
    """Number in the file name (_vNN); None: the name has none, and only the checksum identifies
    the version."""


class StepRecord(Struct, frozen=True):
    """Checksums of one step of the analysis."""

    name: str
    """Name of the step: a value of `StepName`."""
    key: str
    """Checksum of all that the outcome depends on."""
    sha256: str
    """Checksum of the outcome."""
    reused: bool
    """Whether the outcome was taken from an earlier task; the same key is the same outcome."""


class Process(Struct, frozen=True, kw_only=True):
    """Provenance of a result: all that is needed to make it again."""

    task_id: str = ""
    """Task that made the result."""
    analysis: TaskType = TaskType.BURST
    """What was asked for."""
    rerun_of: str = ""
    """Task that this one repeated with other keys; empty: none."""
    created_utc: str = ""
    """When the result was made, ISO-8601 UTC."""
    obs_id: str = ""
    """Observation, as in the keyword OBS_ID."""
    program: str = ""
    """Observing programme, as in the keyword PROGRAM."""
    dstream: str = ""
    """Stream that the data came by: VHF or XBand."""
    proc_ver: int = 1
    """Processing version: 1 first, raised on each re-processing."""
    trigger_utc: str = ""
    """Reference time as a notice gave it, ISO-8601 UTC; empty: from configuration or files."""
    flags: tuple[FlagText, ...] = ()
    """What was known to be missing when the task was made."""
    configuration_sha256: str = ""
    """Checksum of the whole configuration as JSON with sorted keys and no spaces."""
    sources: dict[str, str] = {}
    """Layer that each value of the configuration came from, by JSON pointer."""
    calibration: tuple[Input, ...] = ()
    """Response and ancillary files that were used."""
    steps: tuple[StepRecord, ...] = ()
    """Steps in the order in which they were made."""
    processor: str = ""
    """Name of the processor: another one may give other last bits."""

"""What the pipeline is asked and what it answers: plain values that cross process borders.

Nothing here imports numerics, so that the daemon's own process stays small.
"""

from enum import StrEnum

from msgspec import Struct

from .configuration.sections import TaskConfiguration
from .names import FileKind
from .task import TaskType

__all__ = ["PipelineFile", "PipelineOutcome", "PipelineRequest", "ProductFile", "Stage", "Summary"]


class Stage(StrEnum):
    """How far the pipeline is with a request, in this order."""

    READ = "read"
    TEMPORAL = "temporal"
    SPECTRAL = "spectral"
    PRODUCTS = "products"


class PipelineFile(Struct, frozen=True):
    """A data file to analyse, where it lies now."""

    path: str
    """Where to read it."""
    name: str
    """What people call it; goes into the products."""
    sha256: str
    """Checksum of its content, 64 hex digits."""
    kind: FileKind
    """What it holds, as recognised by its headers."""
    optional: bool = False
    """Whether it is left out, with a flag, where it cannot be read: it was found in a folder."""


class PipelineRequest(Struct, frozen=True, kw_only=True):
    """One analysis: what to compute from which files, and where to put the products."""

    task_id: str
    burst_id: str
    files: tuple[PipelineFile, ...]
    output: str
    """Folder for the products and the log; made if it is not there."""
    what: TaskType = TaskType.BURST
    configuration: TaskConfiguration = TaskConfiguration()
    sources: dict[str, str] = {}
    """Layer that each value of the configuration came from, by JSON pointer."""
    rerun_of: str = ""
    """The task that this one does again with other keys; empty: none."""
    earlier: str = ""
    """File of the outcomes of its steps; empty: all are computed."""
    created_utc: str = ""
    """Goes into the products as their date, ISO-8601 UTC; empty: the clock's."""
    obs_id: str = ""
    program: str = "CoreProgram"
    dstream: str = "XBand"
    """Stream that the data came by: VHF or XBand."""
    proc_ver: int = 1
    """Processing version: 1 first, raised on each re-processing."""
    trigger_utc: str = ""
    """Reference time as it was told, ISO-8601 UTC; empty: from configuration or files."""
    flags: tuple[str, ...] = ()
    """What is known to be missing; goes into the result."""


class ProductFile(Struct, frozen=True):
    """A product in the output folder, safely on disk."""

    name: str
    kind: str
    """result, light_curve, spectrum, background, response, figure, summary, steps or log."""
    media_type: str
    size: int
    """Bytes."""
    sha256: str


class Summary(Struct, frozen=True, kw_only=True):
    """The headline numbers of the reference results; null where there is none."""

    t0_utc: str | None = None
    """Reference time, ISO-8601 UTC."""
    t0_met_s: float | None = None
    instrument: str | None = None
    detectors: tuple[str, ...] = ()
    band_kev: tuple[float, float] | None = None
    t90_s: float | None = None
    t90_err_minus_s: float | None = None
    t90_err_plus_s: float | None = None
    t90_start_s: float | None = None
    t50_s: float | None = None
    significance: float | None = None
    model: str | None = None
    statistic: str | None = None
    statistic_value: float | None = None
    dof: int | None = None
    parameters: dict[str, tuple[float | None, float | None, float | None]] = {}
    """Value, error downwards, error upwards of each parameter."""
    fluence_erg: float | None = None
    """Energy fluence in the first configured band, erg/cm2."""
    flags: tuple[str, ...] = ()
    rerun_of: str = ""
    """The task that was done again with other keys; empty: none."""
    steps_reused: tuple[str, ...] = ()
    """Steps whose outcome was taken from it."""


class PipelineOutcome(Struct, frozen=True, kw_only=True):
    """What came out of a request."""

    products: tuple[ProductFile, ...]
    summary: Summary
    elapsed_s: float
    log: tuple[bytes, ...] = ()
    """Lines of the log, as the product of this name holds them."""

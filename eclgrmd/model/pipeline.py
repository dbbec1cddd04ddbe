"""Requests to the pipeline and their outcomes: plain values that are sent between processes.

This module imports no numerics, so that the daemon's own process stays small.
"""

from enum import StrEnum

from msgspec import Struct

from .configuration.sections import TaskConfiguration
from .flags import FlagText
from .names import FileKind
from .result import ClassName
from .task import FiguresState, TaskType

__all__ = [
    "STEPS_NAME",
    "FiguresOutcome",
    "PipelineFile",
    "PipelineOutcome",
    "PipelineRequest",
    "ProductFile",
    "Stage",
    "Summary",
]

STEPS_NAME = "steps.msgpack"
"""Name of the product with the outcomes of all steps."""


class Stage(StrEnum):
    """Stages of the pipeline, in their order."""

    READ = "read"
    TEMPORAL = "temporal"
    SPECTRAL = "spectral"
    PRODUCTS = "products"
    FIGURES = "figures"


class PipelineFile(Struct, frozen=True):
    """A data file to analyse."""

    path: str
    """Path from which to read it."""
    name: str
    """Its original name, which the products show."""
    sha256: str
    """Checksum of its content, 64 hexadecimal digits."""
    kind: FileKind
    """Kind of its content, as recognised by its headers."""
    optional: bool = False
    """True: leave the file out, with a flag, if it cannot be read; it was found in a folder."""


class PipelineRequest(Struct, frozen=True, kw_only=True):
    """A request for one analysis: its files, its configuration and the folder for products."""

    task_id: str
    """The task."""
    burst_id: str
    """The burst."""
    files: tuple[PipelineFile, ...]
    """Input files."""
    output: str
    """Folder for the products and the log; it is made if it does not exist."""
    analysis: TaskType = TaskType.BURST
    """Analysis to run."""
    configuration: TaskConfiguration = TaskConfiguration()
    """Resolved configuration."""
    sources: dict[str, str] = {}
    """Name of the layer that each value of the configuration came from, by JSON pointer."""
    rerun_of: str = ""
    """The task that is run again with other configuration keys; empty: none."""
    earlier: str = ""
    """File with the step outcomes of that task, which are reused; empty: all are computed."""
    steps_key: str = ""
    """File with the key of the digest over stored outcomes; empty: the user's own."""
    created_utc: str = ""
    """Date of the products, ISO-8601 UTC; empty: the current time."""
    obs_id: str = ""
    """Observation id of the mission, for OBS_ID; empty: unknown."""
    program: str = "CoreProgram"
    """Observation programme, for PROGRAM."""
    dstream: str = "XBand"
    """Stream of the data: VHF or XBand."""
    proc_ver: int = 1
    """Processing version: starts at 1 and is raised on each re-processing."""
    trigger_utc: str = ""
    """Reference time from a notification, ISO-8601 UTC; empty: from configuration or files."""
    flags: tuple[FlagText, ...] = ()
    """What is known to be missing; these flags become part of the result."""


class ProductFile(Struct, frozen=True):
    """A product in the output folder, synced to disk."""

    name: str
    """File name."""
    kind: str
    """A value of `ProductKind`, for example `result` or `light_curve`."""
    media_type: str
    """Media type, as in HTTP."""
    size: int
    """Size, bytes."""
    sha256: str
    """Checksum, 64 hexadecimal digits."""


class Summary(Struct, frozen=True, kw_only=True):
    """The headline numbers of the reference results; null where a result does not exist."""

    t0_utc: str | None = None
    """Reference time, ISO-8601 UTC."""
    t0_met_s: float | None = None
    """Reference time in the mission's time system, seconds."""
    instrument: str | None = None
    """Instrument of the reference duration."""
    detectors: tuple[str, ...] = ()
    """Detectors of the reference duration."""
    band_kev: tuple[float, float] | None = None
    """Energy band of the reference duration, keV."""
    t90_s: float | None = None
    """T90, seconds."""
    t90_err_minus_s: float | None = None
    """Downward error of T90, seconds."""
    t90_err_plus_s: float | None = None
    """Upward error of T90, seconds."""
    t90_start_s: float | None = None
    """Start of T90, seconds after t0."""
    t50_s: float | None = None
    """T50, seconds."""
    significance: float | None = None
    """Significance of the burst in the light curve, sigma."""
    classification: ClassName | None = None
    """Class of the burst by the reference duration."""
    model: str | None = None
    """Photon model of the reference fit."""
    statistic: str | None = None
    """Fit statistic: pgstat, cstat, wstat or chi2."""
    statistic_value: float | None = None
    """Value of the fit statistic at the best fit."""
    dof: int | None = None
    """Degrees of freedom of the fit."""
    parameters: dict[str, tuple[float | None, float | None, float | None]] = {}
    """Value, downward error and upward error of each parameter of the model."""
    fluence_erg: float | None = None
    """Energy fluence in the first configured band, erg/cm2."""
    flags: tuple[str, ...] = ()
    """Flags of the result."""
    rerun_of: str = ""
    """The task that was run again with other configuration keys; empty: none."""
    steps_reused: tuple[str, ...] = ()
    """Steps whose outcome was reused from that task."""


class PipelineOutcome(Struct, frozen=True, kw_only=True):
    """The outcome of a request."""

    products: tuple[ProductFile, ...]
    """Products in the output folder."""
    summary: Summary
    """Headline numbers."""
    elapsed_s: float
    """Wall-clock time of the analysis, seconds."""
    figures: FiguresState = FiguresState.NONE
    """What is to be done about the figures, unless they are among the products."""
    log: tuple[bytes, ...] = ()
    """Lines of the log, as in the product of kind log."""


class FiguresOutcome(Struct, frozen=True, kw_only=True):
    """The figures of a result, drawn after it was recorded."""

    products: tuple[ProductFile, ...]
    """Figures, beside the result."""
    log: tuple[bytes, ...]
    """Lines of the log of the drawing."""

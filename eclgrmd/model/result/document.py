"""The whole of `result.json`."""

from typing import Literal

from msgspec import Struct

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import FlagText
from eclgrmd.model.interval import Interval

from .durations import Duration
from .process import Input, Process
from .spectra import EvolutionPoint, SpectrumFits

__all__ = ["BurstTime", "Result"]


class BurstTime(Struct, frozen=True):
    """Which burst, and its reference time t0."""

    id: str
    """Name of the burst."""
    t0: str | None
    """Reference time, ISO-8601 UTC; None: no file tells an absolute time."""
    t0_met_s: float | None
    """Reference time in the mission's own time, seconds; None: not known."""


class Result(Struct, frozen=True, kw_only=True):
    """The whole of `result.json`."""

    schema: Literal["eclgrmd.result/2"] = "eclgrmd.result/2"
    """Name and version of this form."""
    burst: BurstTime
    """Burst and reference time."""
    durations: tuple[Duration, ...]
    """Durations by instrument and band, the reference result first."""
    combined: Duration | None = None
    """Duration of the counts of ECLAIRs and GRM together; None: not both have events."""
    spectra: tuple[SpectrumFits, ...]
    """Fits by interval, the reference result first."""
    evolution: tuple[EvolutionPoint, ...] = ()
    """Blocks, intervals of one significance or a series of spectra, in order of time."""
    flags: tuple[FlagText, ...] = ()
    """What is missing or doubtful in the result as a whole."""
    slews_s: tuple[Interval, ...] = ()
    """When the satellite turned, as far as an attitude tells it, seconds after t0."""
    units: dict[str, str] = {}
    """Unit of each key that is not named in its keyword."""
    inputs: tuple[Input, ...] = ()
    """Files that were analysed."""
    configuration: TaskConfiguration = TaskConfiguration()
    """Configuration of the analysis."""
    software: dict[str, str] = {}
    """Version of each library, by name."""
    process: Process = Process()
    """How the result was made."""

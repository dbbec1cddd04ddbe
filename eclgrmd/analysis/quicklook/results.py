"""Results for a burst that may still be in progress. Times are seconds after t0."""

from dataclasses import dataclass
from enum import StrEnum

from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.analysis.temporal.search.find import FoundBurst
from eclgrmd.model.flags import Flag
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import History
from eclgrmd.model.quicklook.aside import PacketAside
from eclgrmd.model.result import Classification, HardnessRatio, PeakRate

__all__ = ["BurstSoFar", "InstrumentSoFar", "Progress"]


class Progress(StrEnum):
    """The state of a burst in the data of one instrument."""

    NOTHING = "nothing"
    """Nothing significant was seen so far."""
    RISING = "rising"
    """The newest data belong to the burst: its durations still grow."""
    QUIET = "quiet"
    """It has been quiet, but not for long enough to say that it is over."""
    ENDED = "ended"
    """It has been quiet for at least 10 s and half of the burst's own length."""


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentSoFar:
    """The results of one instrument so far."""

    instrument: Instrument
    """The instrument."""
    progress: Progress
    """State of the burst."""
    until_s: float
    """End of the newest bin, seconds after t0."""
    bins: int
    """Number of bins of the measured light curve."""
    found: FoundBurst
    """Position of the burst in this light curve, with the background."""
    measurement: DurationMeasurement
    """Durations so far, with significance, background and blocks."""
    histories: tuple[History, ...]
    """Counts of each detector in the bands of the packets."""
    hardness: HardnessRatio | None
    """Hardness over T100 (for GRM the product QHR_GRM); None if nothing is significant or the bands
    do not allow it."""
    peak_rates: tuple[PeakRate, ...]
    """Highest rates in windows of 64 ms and 1 s; empty if nothing is significant."""
    restarts: int
    """Number of times that the segmentation started over."""

    @property
    def bands_kev(self) -> tuple[Interval, ...]:
        """Energy bands of the packets, keV, rising."""
        channels = self.histories[0].channels
        return tuple(zip(channels.e_min_kev.tolist(), channels.e_max_kev.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class BurstSoFar:
    """The results of one burst so far."""

    t0_met_s: float
    """Reference time, mission elapsed time in seconds."""
    instruments: tuple[InstrumentSoFar, ...]
    """Results of each instrument, in the order of their first data."""
    reference: Instrument | None
    """Instrument with the most significant burst, whose durations are the reference; None if
    nothing is significant."""
    classification: Classification | None
    """Class of the burst; None without T90."""
    spectrum: IntervalFits | None
    """Coarse spectral fit over T100; None if it is not possible (a flag says why)."""
    flags: tuple[Flag, ...]
    """Doubts about the burst as a whole."""
    left_out: tuple[PacketAside, ...] = ()
    """Packets that contradict the others or exceed the limits of the store."""

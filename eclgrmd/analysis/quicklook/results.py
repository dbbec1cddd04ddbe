"""What is known so far of a burst that may still be going on. Times are seconds after t0."""

from dataclasses import dataclass
from enum import StrEnum

from eclgrmd.analysis.character.results import BurstClass, HardnessRatio, PeakRate
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve
from eclgrmd.model.quicklook.aside import PacketAside

__all__ = ["BurstSoFar", "InstrumentSoFar", "Progress"]


class Progress(StrEnum):
    """How far a burst is, as one instrument sees it."""

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
    """What one instrument has seen so far."""

    instrument: Instrument
    progress: Progress
    until_s: float
    """End of the newest bin."""
    bins: int
    measurement: DurationMeasurement
    """Durations so far, significance, background, blocks."""
    band_curves: tuple[LightCurve, ...]
    """Light curve of each band, detectors summed."""
    hardness: HardnessRatio | None
    peak_rates: tuple[PeakRate, ...]
    restarts: int
    """How often the segmentation had to start over."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BurstSoFar:
    """What is known so far of one burst."""

    t0_met_s: float
    instruments: tuple[InstrumentSoFar, ...]
    """In the order in which they sent data."""
    reference: Instrument | None
    """Whose durations stand for the burst: the most significant one's."""
    classification: BurstClass | None
    spectrum: IntervalFits | None
    flags: tuple[str, ...]
    left_out: tuple[PacketAside, ...] = ()
    """Packets that the rest contradicts, or that are too much."""

"""What a light curve tells beside its duration: plain numbers, ready to be written down.

Times are seconds after t0. A value that cannot be given is None, and a flag says why.
"""

from dataclasses import dataclass
from typing import Literal

from eclgrmd.analysis.temporal.results import Estimate
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument

__all__ = [
    "NO_ESTIMATE",
    "BurstCharacter",
    "BurstClass",
    "ClassName",
    "DetectorSignificance",
    "Estimate",
    "HardnessRatio",
    "Morphology",
    "MorphologyName",
    "PeakRate",
    "SpectralLag",
    "VariabilityScale",
]
ClassName = Literal["short", "long", "unsure"]
MorphologyName = Literal[
    "single pulse", "several peaks", "precursor plus main episode", "several episodes"
]

NO_ESTIMATE = Estimate(None, None, None)
"""What could not be measured."""


@dataclass(frozen=True, slots=True)
class DetectorSignificance:
    """How far one detector's counts stand above its background."""

    detector: str
    interval_s: Interval
    """Over which `counts`, `background` and `sigma` are taken."""
    counts: float
    background: float
    """Expected background counts."""
    background_error: float
    """1-sigma error of `background`, counts."""
    sigma: float
    """Significance over the interval (Vianello 2018), negative for a deficit."""
    best_sigma: float
    """Largest significance of any window inside the interval, trials not counted."""
    best_interval_s: Interval
    """The window of `best_sigma`."""


@dataclass(frozen=True, slots=True)
class PeakRate:
    """Highest net count rate over windows of one width."""

    scale_s: float
    """Width of the windows."""
    interval_s: Interval | None
    """The window with the highest rate."""
    rate: Estimate
    """Net counts per second of live time, summed over detectors, as observed."""
    bias: float | None
    """By how much noise is expected to have raised the maximum, counts/s: subtract it for the
    source's own peak rate."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HardnessRatio:
    """Net counts of a hard band over those of a soft band."""

    soft_band_kev: Interval
    hard_band_kev: Interval
    interval_s: Interval
    soft: Estimate
    """Net counts: posterior median and central 68.3 % interval."""
    hard: Estimate
    """Net counts: posterior median and central 68.3 % interval."""
    ratio: Estimate
    """hard / soft: posterior median and central 68.3 % interval."""
    difference: Estimate
    """(hard - soft) / (hard + soft): posterior median and central 68.3 % interval."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpectralLag:
    """By how much the soft band comes after the hard band."""

    soft_band_kev: Interval
    hard_band_kev: Interval
    bin_s: float
    """Bin width of the correlated curves."""
    lag_s: Estimate
    """Positive: soft photons lag hard ones."""
    correlation: float | None
    """Largest value of the cross-correlation (Band 1997), 1 for identical shapes."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VariabilityScale:
    """Minimum variability time-scale."""

    scale_s: Estimate
    """Where the structure function leaves the rise of a smooth curve."""
    upper_limit_s: float | None
    """Upper limit where the noise hides the smooth part; None where `scale_s` is given."""
    detected_s: float | None
    """Shortest time-scale at which variation stands out of the noise at 3 sigma."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BurstClass:
    """Short or long, as the population of bursts has it."""

    name: ClassName
    probability_short: float
    """Posterior probability of the short class."""
    rule: str
    """How the name follows from the probability, and what the probability was made of."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Morphology:
    """What the light curve looks like."""

    name: MorphologyName
    episodes_s: tuple[Interval, ...]
    """Stretches of emission separated by quiescence, in order of time."""
    main_episode: int
    """Index of the episode with the highest rate."""
    peaks_s: tuple[Interval, ...]
    """Blocks that stand out as peaks, in order of time."""
    sentence: str
    """In the words of a circular."""


@dataclass(frozen=True, slots=True)
class BurstCharacter:
    """All that the light curves of one instrument tell beside the duration."""

    instrument: Instrument
    detectors: tuple[str, ...]
    band_kev: Interval | None
    """Band of significances, peak rates, fluence and morphology."""
    interval_s: Interval | None
    """T100, over which everything is measured; None: nothing significant."""
    significances: tuple[DetectorSignificance, ...]
    peak_rates: tuple[PeakRate, ...]
    count_fluence: Estimate
    """Net counts of the whole burst, summed over detectors."""
    hardness: HardnessRatio | None
    lag: SpectralLag | None
    variability: VariabilityScale | None
    classification: BurstClass | None
    morphology: Morphology | None
    flags: tuple[str, ...] = ()

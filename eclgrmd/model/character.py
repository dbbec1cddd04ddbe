"""What a light curve tells of a burst beside its duration, as `result.json` states it.

Times are seconds after t0. A value that cannot be given is null, and a flag says why.
"""

from typing import Literal

from msgspec import Struct

from .interval import Interval
from .measurement import Measurement

__all__ = [
    "Character",
    "Classification",
    "DetectorSignificance",
    "HardnessRatio",
    "Morphology",
    "PeakRate",
    "SpectralLag",
    "VariabilityScale",
]


class DetectorSignificance(Struct, frozen=True):
    """How far one detector's counts stand above its background (Vianello 2018)."""

    detector: str
    interval_s: Interval
    counts: float | None
    background_counts: float | None
    background_error_counts: float | None
    sigma: float | None
    best_sigma: float | None
    """Largest significance of any window inside the interval, trials not counted."""
    best_interval_s: Interval


class PeakRate(Struct, frozen=True):
    """Highest net count rate over windows of one width, summed over detectors."""

    scale_s: float
    interval_s: Interval | None
    """The window with the highest rate."""
    rate_counts_per_s: Measurement
    bias_counts_per_s: float | None
    """By how much noise is expected to have raised the maximum: subtract it."""
    flags: tuple[str, ...]


class HardnessRatio(Struct, frozen=True):
    """Net counts of a hard band over those of a soft band (Park et al. 2006)."""

    soft_band_kev: Interval
    hard_band_kev: Interval
    interval_s: Interval
    soft_counts: Measurement
    hard_counts: Measurement
    ratio: Measurement
    """hard / soft."""
    difference: Measurement
    """(hard - soft) / (hard + soft)."""
    flags: tuple[str, ...]


class SpectralLag(Struct, frozen=True):
    """By how much the soft band comes after the hard band (Band 1997, Norris et al. 2000)."""

    soft_band_kev: Interval
    hard_band_kev: Interval
    bin_s: float
    lag_s: Measurement
    """Positive: soft photons lag hard ones."""
    correlation: float | None
    """Largest value of the cross-correlation, 1 for identical shapes."""
    flags: tuple[str, ...]


class VariabilityScale(Struct, frozen=True):
    """Minimum variability time-scale (Golkhou & Butler 2014)."""

    scale_s: Measurement
    upper_limit_s: float | None
    """2-sigma upper limit where noise hides the scale."""
    detected_s: float | None
    """Shortest time-scale at which variation stands out of the noise at 3 sigma."""
    flags: tuple[str, ...]


class Classification(Struct, frozen=True):
    """Short or long."""

    name: Literal["short", "long", "unsure"]
    probability_short: float | None
    rule: str
    """How the name follows from the probability, and what the probability was made of."""
    flags: tuple[str, ...]


class Morphology(Struct, frozen=True):
    """What the light curve looks like."""

    name: str
    """single pulse, several peaks, precursor plus main episode, or several episodes."""
    sentence: str
    """In the words of a circular."""
    episodes_s: tuple[Interval, ...]
    """Stretches of emission separated by quiescence."""
    main_episode: int
    """Index of the episode with the highest rate."""
    peaks_s: tuple[Interval, ...]


class Character(Struct, frozen=True):
    """All that the light curves of one instrument tell beside the duration."""

    interval_s: Interval
    """T100, over which everything is measured."""
    significances: tuple[DetectorSignificance, ...]
    """By detector."""
    peak_rates: tuple[PeakRate, ...]
    """In windows of 64 ms, 256 ms and 1 s."""
    count_fluence: Measurement
    """Net counts of the whole burst, summed over detectors."""
    hardness: HardnessRatio | None
    lag: SpectralLag | None
    variability: VariabilityScale | None
    classification: Classification | None
    morphology: Morphology | None
    flags: tuple[str, ...]

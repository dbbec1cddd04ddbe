"""Properties of a light curve beside its duration: significances, rates, hardness, lag, class."""

from typing import Literal

from msgspec import Struct

from eclgrmd.model.flags import FlagText
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import Measurement

__all__ = [
    "Character",
    "ClassName",
    "Classification",
    "DetectorSignificance",
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


class DetectorSignificance(Struct, frozen=True):
    """Significance of one detector's counts above its background (Vianello 2018)."""

    detector: str
    """Name of the detector."""
    interval_s: Interval
    """Interval of `counts`, `background_counts` and `sigma`, seconds after t0."""
    counts: float | None
    """Measured counts."""
    background_counts: float | None
    """Expected background counts."""
    background_error_counts: float | None
    """1-sigma error of `background_counts`, counts."""
    sigma: float | None
    """Significance over the interval, sigma, negative for a deficit."""
    best_sigma: float | None
    """Largest significance of any window inside the interval, sigma, trials not counted."""
    best_interval_s: Interval
    """Window of `best_sigma`, seconds after t0."""


class PeakRate(Struct, frozen=True):
    """Highest net count rate over windows of one width, summed over detectors."""

    scale_s: float
    """Width of the windows, seconds."""
    interval_s: Interval | None
    """Window with the highest rate, seconds after t0; None: not measured."""
    rate_counts_per_s: Measurement
    """Net counts per second of live time, as observed."""
    bias_counts_per_s: float | None
    """By how much the observed maximum is expected to exceed the source's own peak rate, counts/s:
    subtract it for the latter. Noise makes it positive, seldom negative in faint bursts."""
    flags: tuple[FlagText, ...] = ()
    """Why there is no value, or what is doubtful about it."""


class HardnessRatio(Struct, frozen=True):
    """Net counts of a hard band over those of a soft band (Park et al. 2006).

    Values are posterior medians with central 68.3 % intervals.
    """

    soft_band_kev: Interval
    """Soft band, keV."""
    hard_band_kev: Interval
    """Hard band, keV."""
    interval_s: Interval
    """Interval of the counts, seconds after t0."""
    soft_counts: Measurement
    """Net counts in the soft band."""
    hard_counts: Measurement
    """Net counts in the hard band."""
    ratio: Measurement
    """hard / soft."""
    difference: Measurement
    """(hard - soft) / (hard + soft)."""
    flags: tuple[FlagText, ...] = ()
    """What is doubtful about the ratio."""


class SpectralLag(Struct, frozen=True):
    """By how much the soft band comes after the hard band (Band 1997, Norris et al. 2000)."""

    soft_band_kev: Interval
    """Soft band, keV."""
    hard_band_kev: Interval
    """Hard band, keV."""
    bin_s: float
    """Bin width of the correlated curves, seconds."""
    lag_s: Measurement
    """Lag, seconds; positive: soft photons lag hard ones."""
    correlation: float | None
    """Largest value of the cross-correlation, 1 for identical shapes."""
    flags: tuple[FlagText, ...] = ()
    """Why there is no lag, or what is doubtful about it."""


class VariabilityScale(Struct, frozen=True):
    """Minimum variability time-scale (Golkhou & Butler 2014)."""

    scale_s: Measurement
    """Where the structure function leaves the rise of a smooth curve, seconds."""
    upper_limit_s: float | None
    """2-sigma upper limit where noise hides the scale, seconds; None where `scale_s` is known."""
    detected_s: float | None
    """Shortest time-scale at which variation stands out of the noise at 3 sigma, seconds."""
    flags: tuple[FlagText, ...] = ()
    """Why there is no value."""


class Classification(Struct, frozen=True):
    """Short or long, by the two populations of bursts."""

    name: ClassName
    """Class, or `unsure` where neither is probable enough."""
    probability_short: float | None
    """Posterior probability of the short class."""
    rule: str
    """How the name follows from the probability, and what the probability was made of."""
    flags: tuple[FlagText, ...] = ()
    """What is doubtful about the class."""


class Morphology(Struct, frozen=True):
    """Shape of the light curve."""

    name: str
    """Shape: a value of `MorphologyName`."""
    sentence: str
    """The same in the words of a circular."""
    episodes_s: tuple[Interval, ...]
    """Stretches of emission separated by quiescence, in order of time, seconds after t0."""
    main_episode: int
    """Index of the episode with the highest rate."""
    peaks_s: tuple[Interval, ...]
    """Blocks that stand out as peaks, in order of time, seconds after t0."""


class Character(Struct, frozen=True):
    """Properties of the light curves of one instrument beside the duration."""

    interval_s: Interval
    """T100, over which everything is measured, seconds after t0."""
    significances: tuple[DetectorSignificance, ...]
    """Significance by detector."""
    peak_rates: tuple[PeakRate, ...]
    """Peak rates in windows of 64 ms, 256 ms and 1 s."""
    count_fluence: Measurement
    """Net counts of the whole burst, summed over detectors."""
    hardness: HardnessRatio | None
    """Hardness ratio; None: no energies, or not both bands."""
    lag: SpectralLag | None
    """Spectral lag; None: no energies, or not both bands."""
    variability: VariabilityScale | None
    """Minimum variability time-scale; None: not measured."""
    classification: Classification | None
    """Class; None: no duration to classify by."""
    morphology: Morphology | None
    """Shape; None: no block is significant."""
    flags: tuple[FlagText, ...] = ()
    """What is doubtful about these values."""

"""What a light curve tells beside the duration, as the contract has it."""

from collections.abc import Iterable

from eclgrmd.analysis.character import results as found
from eclgrmd.model import character as stated
from eclgrmd.model.intervals import Interval

from .numbers import finite, interval, measurement

__all__ = ["character_of", "class_of", "hardness_of", "peak_of"]


def character_of(burst: found.BurstCharacter | None) -> stated.Character | None:
    """State what was found beside one duration; null where nothing was."""
    if burst is None or burst.interval_s is None:
        return None
    return stated.Character(
        interval_s=interval(burst.interval_s),
        significances=tuple(_significance(each) for each in burst.significances),
        peak_rates=tuple(peak_of(each) for each in burst.peak_rates),
        count_fluence=measurement(burst.count_fluence),
        hardness=None if burst.hardness is None else hardness_of(burst.hardness),
        lag=None if burst.lag is None else _lag(burst.lag),
        variability=None if burst.variability is None else _variability(burst.variability),
        classification=None if burst.classification is None else class_of(burst.classification),
        morphology=None if burst.morphology is None else _morphology(burst.morphology),
        flags=burst.flags,
    )


def _significance(one: found.DetectorSignificance) -> stated.DetectorSignificance:
    return stated.DetectorSignificance(
        detector=one.detector,
        interval_s=interval(one.interval_s),
        counts=finite(one.counts),
        background_counts=finite(one.background),
        background_error_counts=finite(one.background_error),
        sigma=finite(one.sigma),
        best_sigma=finite(one.best_sigma),
        best_interval_s=interval(one.best_interval_s),
    )


def peak_of(peak: found.PeakRate) -> stated.PeakRate:
    """State one peak rate."""
    return stated.PeakRate(
        scale_s=peak.scale_s,
        interval_s=None if peak.interval_s is None else interval(peak.interval_s),
        rate_counts_per_s=measurement(peak.rate),
        bias_counts_per_s=finite(peak.bias),
        flags=peak.flags,
    )


def hardness_of(hardness: found.HardnessRatio) -> stated.HardnessRatio:
    """State a hardness ratio."""
    return stated.HardnessRatio(
        soft_band_kev=interval(hardness.soft_band_kev),
        hard_band_kev=interval(hardness.hard_band_kev),
        interval_s=interval(hardness.interval_s),
        soft_counts=measurement(hardness.soft),
        hard_counts=measurement(hardness.hard),
        ratio=measurement(hardness.ratio),
        difference=measurement(hardness.difference),
        flags=hardness.flags,
    )


def _lag(lag: found.SpectralLag) -> stated.SpectralLag:
    return stated.SpectralLag(
        soft_band_kev=interval(lag.soft_band_kev),
        hard_band_kev=interval(lag.hard_band_kev),
        bin_s=float(lag.bin_s),
        lag_s=measurement(lag.lag_s),
        correlation=finite(lag.correlation),
        flags=lag.flags,
    )


def _variability(variability: found.VariabilityScale) -> stated.VariabilityScale:
    return stated.VariabilityScale(
        scale_s=measurement(variability.scale_s),
        upper_limit_s=finite(variability.upper_limit_s),
        detected_s=finite(variability.detected_s),
        flags=variability.flags,
    )


def class_of(burst: found.BurstClass) -> stated.Classification:
    """State a class."""
    return stated.Classification(
        name=burst.name,
        probability_short=finite(burst.probability_short),
        rule=burst.rule,
        flags=burst.flags,
    )


def _morphology(shape: found.Morphology) -> stated.Morphology:
    return stated.Morphology(
        name=shape.name,
        sentence=shape.sentence,
        episodes_s=_intervals(shape.episodes_s),
        main_episode=int(shape.main_episode),
        peaks_s=_intervals(shape.peaks_s),
    )


def _intervals(pairs: Iterable[Interval]) -> tuple[Interval, ...]:
    return tuple(interval(pair) for pair in pairs)

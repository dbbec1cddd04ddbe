"""Sentences of a circular about light-curve properties other than durations."""

from collections.abc import Iterator

from eclgrmd.model.flags import texts
from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import (
    Character,
    Classification,
    DetectorSignificance,
    HardnessRatio,
    PeakRate,
    SpectralLag,
    VariabilityScale,
)

from .formatting import plain, with_errors

__all__ = ["character_lines", "class_text"]

NOTED = 0.5
"""Bias of a rate, as a fraction of its error, from which it is mentioned; a choice."""
SHORT_S = 0.1
"""Time, seconds, below which times are written in milliseconds."""


def character_lines(character: Character) -> Iterator[str]:
    """Yield one line per measured quantity."""
    if character.morphology is not None:
        yield character.morphology.sentence
    if character.classification is not None:
        yield f"class: {class_text(character.classification)}"
    if len(character.significances) > 1:
        yield f"significance {', '.join(map(_significance, character.significances))}"
    for peak in character.peak_rates:
        yield from _peak(peak)
    if character.hardness is not None:
        yield from _hardness(character.hardness)
    if character.lag is not None:
        yield from _lag(character.lag)
    if character.variability is not None:
        yield from _variability(character.variability)
    if character.flags:
        yield f"flags: {', '.join(texts(character.flags))}"


def class_text(found: Classification) -> str:
    """Return the class with its probability; for an unsure class the probability of `short`."""
    short = found.probability_short
    if short is None:
        return found.name
    probability = 1.0 - short if found.name == "long" else short
    of = found.name if found.name != "unsure" else "short"
    text = f"{found.name}, P({of}) {_probability(probability)}"
    return f"{text} ({', '.join(texts(found.flags))})" if found.flags else text


def _probability(value: float) -> str:
    """Return a probability as text; values near 0 and 1 are given as limits."""
    if value > 0.99:
        return "> 0.99"
    return "< 0.01" if value < 0.01 else f"= {value:.2f}"


def _significance(found: DetectorSignificance) -> str:
    sigma = "unknown" if found.sigma is None else f"{found.sigma:.1f} sigma"
    return f"{found.detector} {sigma}"


def _peak(peak: PeakRate) -> Iterator[str]:
    rate = peak.rate_counts_per_s
    if rate.value is None or peak.interval_s is None:
        return
    bias = peak.bias_counts_per_s
    least = NOTED * min(rate.err_minus or 0.0, rate.err_plus or 0.0)
    noise = f"; noise adds about {plain(bias)}" if bias is not None and bias > least else ""
    yield (
        f"peak rate in {_duration(peak.scale_s)} = {_value(rate, 'counts/s')} "
        f"from T0{peak.interval_s[0]:+.3f} s{noise}"
    )


def _duration(seconds: float) -> str:
    return f"{plain(1e3 * seconds)} ms" if seconds < 1.0 else f"{plain(seconds)} s"


def _hardness(hardness: HardnessRatio) -> Iterator[str]:
    if hardness.ratio.value is not None:
        bands = f"{_band(hardness.hard_band_kev)} over {_band(hardness.soft_band_kev)} keV"
        flags = f" ({', '.join(texts(hardness.flags))})" if hardness.flags else ""
        yield f"hardness, counts in {bands} = {_value(hardness.ratio)}{flags}"


def _lag(lag: SpectralLag) -> Iterator[str]:
    if lag.lag_s.value is not None:
        bands = f"{_band(lag.soft_band_kev)} behind {_band(lag.hard_band_kev)} keV"
        flags = f" ({', '.join(texts(lag.flags))})" if lag.flags else ""
        yield f"spectral lag of {bands} = {_time(lag.lag_s)}{flags}"


def _variability(found: VariabilityScale) -> Iterator[str]:
    if found.scale_s.value is not None:
        yield f"minimum variability time-scale = {_time(found.scale_s)}"
    elif found.upper_limit_s is not None:
        yield f"minimum variability time-scale < {plain(found.upper_limit_s)} s (2 sigma)"


def _time(found: Measurement) -> str:
    """Return a time with errors as text, in seconds or milliseconds."""
    sizes = [abs(each) for each in (found.value, found.err_minus, found.err_plus) if each]
    if max(sizes, default=1.0) >= SHORT_S:
        return _value(found, "s")
    ms = (None if x is None else 1e3 * x for x in (found.value, found.err_minus, found.err_plus))
    return _value(Measurement(*ms), "ms")


def _band(band_kev: Interval) -> str:
    return f"{plain(band_kev[0])}-{plain(band_kev[1])}"


def _value(found: Measurement, unit: str = "") -> str:
    return with_errors(found.value or 0.0, found.err_minus, found.err_plus, unit)

"""Columns of the reference duration: T90, T50, significance, rates, hardness, class."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Character, Duration, PeakRate, Width

from .entry import Column, Entry, measured, number, text

__all__ = ["duration_columns"]

T = TypeVar("T")
Read = Callable[[Duration], Width | None]
_PEAKS = ((0.064, "64ms"), (0.256, "256ms"), (1.0, "1s"))
"""Widths of the windows of the peak rates, seconds, and their part of the name."""


def duration_columns() -> Iterator[Column]:
    """Yield the columns of the reference duration of a result."""
    yield text(
        "duration_instrument",
        "meta.id;instr",
        "Instrument of the duration, as in INSTRUME",
        lambda e: _part(e, lambda found: found.instrument),
    )
    yield text(
        "duration_detectors",
        "meta.id;instr.det",
        "Detectors of the duration, joined by +",
        lambda e: _part(e, lambda found: "+".join(found.detectors)),
    )
    for index, edge, limit in ((0, "low", "stat.min"), (1, "high", "stat.max")):
        yield number(
            f"duration_energy_{edge}",
            "keV",
            f"em.energy;{limit}",
            f"{edge.capitalize()} edge of the energies that were counted",
            _band_edge(index),
        )
    yield from _width("t90", "Time from 5 to 95 % of the net counts", lambda d: d.t90)
    yield from _width("t50", "Time from 25 to 75 % of the net counts", lambda d: d.t50)
    yield from _width(
        "photon_t90",
        "Time from 5 to 95 % of the photons, as FERMIGBRST defines t90",
        lambda d: d.photon_fluence.t90 if d.photon_fluence else None,
    )
    yield from _width(
        "photon_t50",
        "Time from 25 to 75 % of the photons, as FERMIGBRST defines t50",
        lambda d: d.photon_fluence.t50 if d.photon_fluence else None,
    )
    for index, end, limit in ((0, "start", "time.start"), (1, "stop", "time.end")):
        yield number(
            f"t100_{end}",
            "s",
            limit,
            f"{end.capitalize()} of the burst, seconds after t0",
            _t100_edge(index),
        )
    yield number(
        "significance",
        "",
        "stat.snr",
        "Significance over T100, sigma",
        lambda e: _part(e, lambda found: found.significance),
    )
    yield from measured(
        "net_counts",
        "ct",
        "phot.count",
        "Net counts of the burst",
        lambda e: _part(e, lambda found: found.net_counts),
    )
    yield number(
        "net_counts_limit",
        "ct",
        "phot.count;stat.max",
        "3-sigma upper limit to the counts where nothing is significant",
        lambda e: _part(e, lambda found: found.upper_limit_counts),
    )
    yield from _character_columns()


def _character_columns() -> Iterator[Column]:
    for scale_s, label in _PEAKS:
        yield from measured(
            f"peak_rate_{label}",
            "ct / s",
            "phot.count;stat.max",
            f"Highest net count rate over {label}, as observed",
            _peak(scale_s),
        )
    yield from measured(
        "hardness",
        "",
        "phot.color",
        "Net counts of the hard over those of the soft band",
        lambda e: _of_character(e, lambda c: c.hardness.ratio if c.hardness else None),
    )
    yield from measured(
        "lag",
        "s",
        "time.interval",
        "Spectral lag; positive: soft photons come later",
        lambda e: _of_character(e, lambda c: c.lag.lag_s if c.lag else None),
    )
    yield from measured(
        "variability",
        "s",
        "time.scale",
        "Minimum variability time-scale",
        lambda e: _of_character(e, lambda c: c.variability.scale_s if c.variability else None),
    )
    yield text(
        "burst_class",
        "meta.code.class",
        "Class: short, long or unsure",
        lambda e: _of_character(e, lambda c: c.classification.name if c.classification else None),
    )
    yield number(
        "probability_short",
        "",
        "stat.probability",
        "Probability of the short class",
        lambda e: _of_character(
            e, lambda c: c.classification.probability_short if c.classification else None
        ),
    )
    yield text(
        "morphology",
        "meta.code.class",
        "Shape of the light curve",
        lambda e: _of_character(e, lambda c: c.morphology.name if c.morphology else None),
    )


def _width(name: str, description: str, read: Read) -> Iterator[Column]:
    def of(entry: Entry) -> Width | None:
        return _part(entry, read)

    def measurement(entry: Entry) -> Measurement | None:
        found = of(entry)
        return None if found is None else found.measurement

    def symmetric(entry: Entry) -> float | None:
        found = of(entry)
        if found is None or found.err_minus_s is None or found.err_plus_s is None:
            return None
        return (found.err_minus_s + found.err_plus_s) / 2

    def start(entry: Entry) -> float | None:
        found = of(entry)
        return None if found is None else found.start_s

    yield from measured(name, "s", "time.duration", description, measurement)
    yield number(
        f"{name}_error",
        "s",
        "stat.error;time.duration",
        f"Half of the 68.3 % interval of {name}, for those who need one symmetric error",
        symmetric,
    )
    yield number(f"{name}_start", "s", "time.start", f"Start of {name}, seconds after t0", start)


def _part(entry: Entry, read: Callable[[Duration], T | None]) -> T | None:
    durations = entry.result.durations
    return read(durations[0]) if durations else None


def _of_character(entry: Entry, read: Callable[[Character], T | None]) -> T | None:
    return _part(entry, lambda found: read(found.character) if found.character else None)


def _band_edge(index: int) -> Callable[[Entry], float | None]:
    return lambda e: _part(e, lambda found: found.band_kev and found.band_kev[index])


def _t100_edge(index: int) -> Callable[[Entry], float | None]:
    return lambda e: _part(e, lambda found: found.t100_s and found.t100_s[index])


def _peak(scale_s: float) -> Callable[[Entry], Measurement | None]:
    def of(character: Character) -> Measurement | None:
        found = (each for each in character.peak_rates if each.scale_s == scale_s)
        peak: PeakRate | None = next(found, None)
        return None if peak is None else peak.rate_counts_per_s

    return lambda entry: _of_character(entry, of)

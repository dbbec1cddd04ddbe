"""Spectra that are fitted together: extracted over intervals, or ready-made."""

from collections.abc import Sequence
from dataclasses import dataclass

from eclgrmd.analysis.temporal.curve.chosen import is_wanted
from eclgrmd.analysis.temporal.results import BackgroundFit, TemporalAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.interval import Interval
from eclgrmd.model.observation import Observation, Spectrum

from .extraction import extract_spectra
from .intervals import SpectrumInterval, choose_intervals

__all__ = [
    "ChosenIntervals",
    "IntervalSpectra",
    "intervals_of",
    "of_one_interval",
    "spectra_of_intervals",
]

_EDGE_SLACK = 0.01
"""Fraction of an interval by which its edges may differ from the requested ones without a flag."""
_SAME_INTERVAL = 0.1
"""Fraction of their length by which the edges of ready-made spectra of one interval may differ."""


@dataclass(frozen=True, slots=True)
class ChosenIntervals:
    """The intervals over which spectra are integrated."""

    intervals: tuple[SpectrumInterval, ...] = ()
    """The intervals, in configured order."""
    flags: tuple[Flag, ...] = ()
    """One flag for each named interval that the light curves do not contain."""


@dataclass(frozen=True, slots=True, eq=False)
class IntervalSpectra:
    """The spectra of one interval, which are fitted together."""

    interval: SpectrumInterval
    """The interval that the spectra cover."""
    spectra: tuple[Spectrum, ...]
    """One spectrum per detector."""


def intervals_of(
    observation: Observation, temporal: TemporalAnalysis | None, configuration: TaskConfiguration
) -> ChosenIntervals:
    """Return the intervals of spectra; none without events and histories."""
    if not (observation.events or observation.histories):
        return ChosenIntervals()
    return ChosenIntervals(*choose_intervals(configuration.spectral, temporal))


def spectra_of_intervals(
    observation: Observation,
    intervals: Sequence[SpectrumInterval],
    backgrounds: Sequence[BackgroundFit],
    configuration: TaskConfiguration,
) -> tuple[IntervalSpectra, ...]:
    """Return the spectra of each interval, then the ready-made spectra grouped by interval."""
    detectors = configuration.detectors
    extracted: dict[tuple[str, float, float], IntervalSpectra] = {}
    for each in intervals:
        found = _spectra_of(observation, each, backgrounds, detectors)
        # short blocks can fall into the same bins of a history: they have one spectrum
        extracted.setdefault((each.kind, found.interval.start_s, found.interval.stop_s), found)
    return (*extracted.values(), *_ready_made(observation, detectors))


def _spectra_of(
    observation: Observation,
    wanted: SpectrumInterval,
    backgrounds: Sequence[BackgroundFit],
    detectors: Sequence[str],
) -> IntervalSpectra:
    """Extract the spectra of an interval, and replace it by the one that was used."""
    asked = (wanted.start_s, wanted.stop_s)
    found = extract_spectra(observation, asked, backgrounds, detectors)
    start_s, stop_s = found.interval_s
    allowed = _EDGE_SLACK * (asked[1] - asked[0])
    moved = max(abs(start_s - asked[0]), abs(stop_s - asked[1])) > allowed
    flags = (_other_interval(found.interval_s, asked),) if moved else ()
    used = SpectrumInterval(start_s, stop_s, wanted.kind, flags)
    return IntervalSpectra(used, found.spectra)


def _other_interval(used_s: Interval, asked_s: Interval) -> Flag:
    used, asked = (" to ".join(f"{edge:.6g}" for edge in each) for each in (used_s, asked_s))
    return Flag(FlagCode.OTHER_INTERVAL, detail=f"{used} s used instead of {asked} s")


def of_one_interval(group: Sequence[Spectrum], other: Spectrum) -> bool:
    """Return True if a spectrum covers the same interval as the first one of a group."""
    first = group[0]
    room = _SAME_INTERVAL * max(min(first.stop_s - first.start_s, other.stop_s - other.start_s), 0)
    return (
        abs(first.start_s - other.start_s) <= room + 1e-6
        and abs(first.stop_s - other.stop_s) <= room + 1e-6
    )


def _ready_made(observation: Observation, detectors: Sequence[str]) -> list[IntervalSpectra]:
    """Return the ready-made spectra grouped by interval, in order of time.

    If there is one spectrum per detector, overlapping spectra form one group, because the clocks of
    two missions can differ by seconds. Several spectra per detector are grouped by their intervals.
    """
    chosen = [s for s in observation.spectra if is_wanted(s.instrument, (s.detector,), detectors)]
    groups = [chosen] if _one_each(chosen) else _by_interval(chosen)
    found = [
        IntervalSpectra(
            SpectrumInterval(min(s.start_s for s in g), max(s.stop_s for s in g), "file"), tuple(g)
        )
        for g in groups
    ]
    return sorted(found, key=lambda found: (found.interval.start_s, found.interval.stop_s))


def _one_each(spectra: Sequence[Spectrum]) -> bool:
    detectors = {(s.instrument, s.detector) for s in spectra}
    return (
        bool(spectra)
        and len(detectors) == len(spectra)
        and max(s.start_s for s in spectra) < min(s.stop_s for s in spectra)
    )


def _by_interval(spectra: Sequence[Spectrum]) -> list[list[Spectrum]]:
    groups: list[list[Spectrum]] = []
    for spectrum in spectra:
        group = next((g for g in groups if of_one_interval(g, spectrum)), None)
        if group is None:
            groups.append([spectrum])
        else:
            group.append(spectrum)
    return groups

"""The spectra that are fitted together: extracted over chosen intervals, or ready-made."""

from collections.abc import Sequence
from dataclasses import dataclass

from eclgrmd.analysis.temporal.curve.chosen import is_wanted
from eclgrmd.analysis.temporal.results import BackgroundFit, TemporalAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import other_interval
from eclgrmd.model.observation import Observation, Spectrum

from .extraction import extract_spectra
from .intervals import SpectrumInterval, choose_intervals

__all__ = ["ChosenIntervals", "TakenSpectra", "intervals_of", "of_one_interval", "take_spectra"]

_EDGE_SLACK = 0.01
"""Part of an interval by which its edges may lie beside those asked for without a word."""
_SAME_INTERVAL = 0.1
"""Ready-made spectra whose edges differ by less than this part of their length go together."""


@dataclass(frozen=True, slots=True)
class ChosenIntervals:
    """What spectra are integrated over."""

    intervals: tuple[SpectrumInterval, ...] = ()
    flags: tuple[str, ...] = ()
    """One for each named interval that the light curves do not give."""


@dataclass(frozen=True, slots=True, eq=False)
class TakenSpectra:
    """What is fitted together."""

    interval: SpectrumInterval
    spectra: tuple[Spectrum, ...]
    """One per detector."""


def intervals_of(
    observation: Observation, temporal: TemporalAnalysis | None, configuration: TaskConfiguration
) -> ChosenIntervals:
    """Choose what to integrate over, where there is a series to integrate."""
    if not (observation.events or observation.histories):
        return ChosenIntervals()
    return ChosenIntervals(*choose_intervals(configuration.spectral, temporal))


def take_spectra(
    observation: Observation,
    intervals: Sequence[SpectrumInterval],
    backgrounds: Sequence[BackgroundFit],
    configuration: TaskConfiguration,
) -> tuple[TakenSpectra, ...]:
    """Extract spectra over each interval, then group the ready-made ones."""
    detectors = configuration.detectors
    extracted: dict[tuple[str, float, float], TakenSpectra] = {}
    for each in intervals:
        taken = _taken(observation, each, backgrounds, detectors)
        # short blocks can end up in the same bins: their spectrum is one
        extracted.setdefault((each.kind, taken.interval.start_s, taken.interval.stop_s), taken)
    return (*extracted.values(), *_ready_made(observation, detectors))


def _taken(
    observation: Observation,
    wanted: SpectrumInterval,
    backgrounds: Sequence[BackgroundFit],
    detectors: Sequence[str],
) -> TakenSpectra:
    """Extract the spectra of an interval, which becomes the one that was really used."""
    asked = (wanted.start_s, wanted.stop_s)
    found = extract_spectra(observation, asked, backgrounds, detectors)
    start_s, stop_s = found.interval_s
    allowed = _EDGE_SLACK * (asked[1] - asked[0])
    moved = max(abs(start_s - asked[0]), abs(stop_s - asked[1])) > allowed
    flags = (other_interval(found.interval_s, asked),) if moved else ()
    used = SpectrumInterval(start_s, stop_s, wanted.kind, flags)
    return TakenSpectra(used, found.spectra)


def of_one_interval(group: Sequence[Spectrum], other: Spectrum) -> bool:
    """Tell whether a spectrum spans what the first of a group spans."""
    first = group[0]
    room = _SAME_INTERVAL * max(min(first.stop_s - first.start_s, other.stop_s - other.start_s), 0)
    return (
        abs(first.start_s - other.start_s) <= room + 1e-6
        and abs(first.stop_s - other.stop_s) <= room + 1e-6
    )


def _ready_made(observation: Observation, detectors: Sequence[str]) -> list[TakenSpectra]:
    """Group ready-made spectra, in order of time.

    One spectrum per detector is one observation, if only they overlap: clocks of two missions can
    differ by seconds. Several per detector are a series, grouped by interval.
    """
    chosen = [s for s in observation.spectra if is_wanted(s.instrument, (s.detector,), detectors)]
    groups = [chosen] if _one_each(chosen) else _by_interval(chosen)
    found = [
        TakenSpectra(
            SpectrumInterval(min(s.start_s for s in g), max(s.stop_s for s in g), "file"), tuple(g)
        )
        for g in groups
    ]
    return sorted(found, key=lambda taken: (taken.interval.start_s, taken.interval.stop_s))


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

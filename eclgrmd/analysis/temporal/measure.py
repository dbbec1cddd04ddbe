"""The door of the temporal analysis: an observation goes in, durations and backgrounds come out."""

from dataclasses import dataclass

from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.model.flags import NO_EXCESS
from eclgrmd.model.observation import Observation

from .detectors import detector_backgrounds
from .durations import measure_found
from .find import FoundBurst, FoundBursts, find_bursts
from .results import BackgroundFit, DurationMeasurement, TemporalAnalysis
from .slews import find_slews

__all__ = ["MeasuredBursts", "measure", "measure_bursts", "temporal_analysis"]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredBursts:
    """Durations in all light curves."""

    durations: tuple[DurationMeasurement, ...] = ()
    """Of each instrument, the reference result first."""
    combined: DurationMeasurement | None = None
    """Of ECLAIRs and GRM together."""


def measure(observation: Observation, configuration: TaskConfiguration) -> TemporalAnalysis:
    """Measure the durations of a burst, per instrument, and its background, per detector.

    The reference result, which comes first, is the most significant one; spectra are to be
    integrated over its T100.

    Raises
    ------
    InputError
        If the observation holds no events, histories or light curves of the wanted detectors, or
        none inside the band.
    """
    found = find_bursts(observation, configuration)
    return temporal_analysis(
        observation,
        measure_bursts(found, configuration),
        detector_backgrounds(observation, configuration, found.instruments),
    )


def measure_bursts(found: FoundBursts, configuration: TaskConfiguration) -> MeasuredBursts:
    """Measure the durations of what was found, in the same order."""
    return MeasuredBursts(
        tuple(_measured(each, configuration) for each in found.instruments),
        None if found.combined is None else _measured(found.combined, configuration),
    )


def _measured(found: FoundBurst, configuration: TaskConfiguration) -> DurationMeasurement:
    own = configuration.of(found.curve.instrument)
    return measure_found(found.curve, found.finding, found.window_s, own, found.surroundings)


def temporal_analysis(
    observation: Observation, measured: MeasuredBursts, backgrounds: tuple[BackgroundFit, ...]
) -> TemporalAnalysis:
    """Put the parts together."""
    durations = measured.durations
    t100_s = durations[0].t100_s if durations else None
    return TemporalAnalysis(
        durations=durations,
        backgrounds=backgrounds,
        t100_s=t100_s,
        combined=measured.combined,
        slews_s=tuple((float(low), float(high)) for low, high in find_slews(observation.attitude)),
        flags=() if t100_s else (NO_EXCESS,),
    )

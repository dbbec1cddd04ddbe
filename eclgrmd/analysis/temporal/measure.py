"""Durations of a burst in all light curves of an observation."""

from dataclasses import dataclass

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Observation

from .catalogue import by_catalogue
from .curve.slews import find_slews
from .results import BackgroundFit, DurationMeasurement, TemporalAnalysis
from .search.find import FoundBurst, FoundBursts
from .width.durations import measure_found

__all__ = ["MeasuredBursts", "measure_bursts", "temporal_analysis"]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredBursts:
    """The durations measured in all light curves."""

    durations: tuple[DurationMeasurement, ...] = ()
    """One measurement per instrument, the reference result first."""
    combined: DurationMeasurement | None = None
    """Measurement of ECLAIRs and GRM together; None if not requested or not possible."""


def measure_bursts(
    found: FoundBursts, configuration: TaskConfiguration, *, alternatives: bool = True
) -> MeasuredBursts:
    """Measure the durations of the bursts found in each light curve, in the same order.

    Parameters
    ----------
    found
        The bursts.
    configuration
        Task configuration.
    alternatives
        Also measure T90 and T50 inside T100 and between plateaus.
    """
    combined = found.combined
    return MeasuredBursts(
        tuple(
            _measured(each, configuration, alternatives=alternatives) for each in found.instruments
        ),
        None if combined is None else _measured(combined, configuration, alternatives=alternatives),
    )


def _measured(
    found: FoundBurst, configuration: TaskConfiguration, *, alternatives: bool
) -> DurationMeasurement:
    own = configuration.of(found.curve.instrument)
    measured = measure_found(
        found.curve,
        found.finding,
        found.window_s,
        own,
        found.satellite,
        alternatives=alternatives,
    )
    return by_catalogue(measured) if own.duration.method == "gbm_catalogue" else measured


def temporal_analysis(
    observation: Observation, measured: MeasuredBursts, backgrounds: tuple[BackgroundFit, ...]
) -> TemporalAnalysis:
    """Return the result of the temporal analysis, with a flag if nothing is significant."""
    durations = measured.durations
    t100_s = durations[0].t100_s if durations else None
    return TemporalAnalysis(
        durations=durations,
        backgrounds=backgrounds,
        t100_s=t100_s,
        combined=measured.combined,
        slews_s=tuple((float(low), float(high)) for low, high in find_slews(observation.attitude)),
        flags=() if t100_s else (Flag(FlagCode.NO_EXCESS),),
    )

"""The complete analysis of one burst: temporal, then spectral, as far as the data allow."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, assert_never

from msgspec import structs

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.configuration.steps import STEPS, StepName, projected
from eclgrmd.model.flags import LEFT_OUT, Flag, FlagCode, texts
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import Stage
from eclgrmd.model.result import Character
from eclgrmd.model.task import TaskType

from .account import account
from .character import describe
from .character.fluence_ratio import fluence_hardness
from .spectral.derived.photon_duration import photon_durations
from .spectral.fit_intervals import fit_intervals
from .spectral.results import SpectralAnalysis
from .spectral.spectra.interval_spectra import (
    ChosenIntervals,
    IntervalSpectra,
    intervals_of,
    spectra_of_intervals,
)
from .temporal.detectors import detector_backgrounds
from .temporal.measure import MeasuredBursts, measure_bursts, temporal_analysis
from .temporal.results import (
    BackgroundFit,
    DurationMeasurement,
    PhotonDuration,
    TemporalAnalysis,
)
from .temporal.search.find import FoundBursts, find_bursts

__all__ = ["BurstAnalysis", "Recall", "analyse", "compute_all", "fit_burst", "measure"]

T = TypeVar("T")

OBSTACLES = {
    FlagCode.NO_RESPONSE: "a response",
    FlagCode.NO_SPECTRAL_DATA: "a spectrum, an event list or a history",
}
"""Reasons why no spectrum can be fitted, each with the data that would be needed."""


@dataclass(frozen=True, slots=True, eq=False)
class BurstAnalysis:
    """The data of a burst and the results of their analysis."""

    observation: Observation
    """The data that were analysed."""
    temporal: TemporalAnalysis | None
    """Durations; None if not requested, or if there are no time series (a flag says which)."""
    spectral: SpectralAnalysis | None
    """Spectral fits; None if not requested, or if nothing can be fitted (a flag says which)."""
    flags: tuple[Flag, ...] = ()
    """Missing kinds of data, and data that were not used."""


class Recall(Protocol):
    """A function that returns the result of a step, either a stored one or a new one."""

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Return the stored result of a step, or compute it.

        Parameters
        ----------
        name
            Name of the step.
        kind
            Type of its result.
        compute
            Function that computes it from the configuration keys that the step declares.
        """


def _ignore(_stage: Stage) -> None:
    """Discard the report."""


def analyse(
    observation: Observation,
    configuration: TaskConfiguration,
    what: TaskType,
    on_stage: Callable[[Stage], None] = _ignore,
    recall: Recall | None = None,
    *,
    headline: bool = False,
) -> BurstAnalysis:
    """Analyse a burst, as far as the task type and the data allow.

    Parameters
    ----------
    observation
        Event lists, histories or light curves are needed for durations. Spectral fits need events
        or histories with responses, or ready-made spectra.
    configuration
        Task configuration.
    what
        Type of the task. A spectral analysis of time series also measures the durations, for the
        background and the interval of the burst, but does not report them.
    on_stage
        Called with each stage, temporal and spectral, when it begins.
    recall
        Returns stored or new results of steps; None to compute all of them.
    headline
        Leave out what takes time and no table of many bursts shows: durations inside T100 and
        between plateaus, and rest-frame values for assumed redshifts. All else is the same.

    Raises
    ------
    InputError
        If the data allow none of the requested results.
    """
    has_series, obstacle = _has_series(observation), _spectral_obstacle(observation)
    _refuse_impossible(what, has_series=has_series, obstacle=obstacle, why=_reasons(observation))
    steps = recall or compute_all(configuration)
    temporal: TemporalAnalysis | None = None
    spectral: SpectralAnalysis | None = None
    if has_series:
        on_stage(Stage.TEMPORAL)
        temporal = measure(observation, configuration, steps, headline=headline)
    if temporal and what is not TaskType.SPECTRAL and configuration.duration.photon_fluence:
        temporal = _with_photons(observation, temporal, steps)
    if what is not TaskType.TEMPORAL and not obstacle:
        on_stage(Stage.SPECTRAL)
        spectral = fit_burst(observation, temporal, configuration, steps, headline=headline)
    if temporal and what is not TaskType.SPECTRAL and configuration.duration.character:
        temporal = _with_characters(observation, temporal, spectral, steps)
    return BurstAnalysis(
        observation,
        None if what is TaskType.SPECTRAL else temporal,
        spectral,
        (
            *_flags(what, has_series=has_series, obstacle=obstacle),
            *account(observation, temporal, spectral, configuration, what),
        ),
    )


def measure(
    observation: Observation,
    configuration: TaskConfiguration,
    recall: Recall | None = None,
    *,
    headline: bool = False,
) -> TemporalAnalysis:
    """Measure the durations of a burst for each instrument, and the background of each detector.

    The first duration is the most significant one. It is the reference result, and its T100 is the
    default interval of spectra.

    Parameters
    ----------
    observation, configuration, recall, headline
        See `analyse`.

    Raises
    ------
    InputError
        If there are no events, histories or light curves of the wanted detectors, or none in the
        band.
    """
    steps = recall or compute_all(configuration)
    found = steps(StepName.BLOCKS, FoundBursts, lambda choice: find_bursts(observation, choice))
    measured = steps(
        StepName.DURATIONS,
        MeasuredBursts,
        lambda choice: measure_bursts(found, choice, alternatives=not headline),
    )
    backgrounds = steps(
        StepName.BACKGROUND,
        tuple[BackgroundFit, ...],
        lambda choice: detector_backgrounds(observation, choice, found.instruments),
    )
    return temporal_analysis(observation, measured, backgrounds)


def fit_burst(
    observation: Observation,
    temporal: TemporalAnalysis | None,
    configuration: TaskConfiguration,
    recall: Recall | None = None,
    *,
    headline: bool = False,
) -> SpectralAnalysis:
    """Fit the configured models to the configured intervals of a burst.

    Parameters
    ----------
    observation, configuration, recall, headline
        See `analyse`. Spectra of each interval are extracted from events or histories; ready-made
        spectra are fitted as they are.
    temporal
        Source of the named intervals (such as T100) and of the background. None if only explicit
        intervals and ready-made spectra can be fitted.

    Returns
    -------
    SpectralAnalysis
        Fits of the intervals in configured order, then of ready-made spectra. Whatever could not
        be fitted is named in a flag.
    """
    steps = recall or compute_all(configuration)
    chosen = steps(
        StepName.INTERVALS,
        ChosenIntervals,
        lambda choice: intervals_of(observation, temporal, choice),
    )
    backgrounds = temporal.backgrounds if temporal else ()
    spectra = steps(
        StepName.SPECTRA,
        tuple[IntervalSpectra, ...],
        lambda choice: spectra_of_intervals(observation, chosen.intervals, backgrounds, choice),
    )
    return steps(
        StepName.FITS,
        SpectralAnalysis,
        lambda choice: fit_intervals(spectra, chosen.flags, choice, assumed=not headline),
    )


def compute_all(configuration: TaskConfiguration) -> Recall:
    """Return a `Recall` that stores nothing and computes every step."""

    def recall(name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]) -> T:
        return compute(projected(configuration, STEPS[name]))

    return recall


def _with_photons(
    observation: Observation, temporal: TemporalAnalysis, steps: Recall
) -> TemporalAnalysis:
    photons = steps(
        StepName.PHOTONS,
        tuple[PhotonDuration | None, ...],
        lambda choice: photon_durations(observation, temporal, choice),
    )
    pairs = zip(temporal.durations, photons, strict=True)
    possible = bool(observation.responses)
    return replace(temporal, durations=tuple(_with_photon(d, p, possible) for d, p in pairs))


def _with_photon(
    duration: DurationMeasurement, photon: PhotonDuration | None, possible: bool
) -> DurationMeasurement:
    missing = possible and photon is None and duration.t100_s is not None
    flags = (Flag(FlagCode.NO_PHOTONS),) if missing else ()
    return structs.replace(duration, photon_fluence=photon, flags=(*duration.flags, *flags))


def _with_characters(
    observation: Observation,
    temporal: TemporalAnalysis,
    spectral: SpectralAnalysis | None,
    steps: Recall,
) -> TemporalAnalysis:
    characters = steps(
        StepName.CHARACTER,
        tuple[Character | None, ...],
        lambda choice: tuple(
            describe(observation, duration, choice, fluence_hardness(spectral))
            for duration in temporal.durations
        ),
    )
    pairs = zip(temporal.durations, characters, strict=True)
    return replace(
        temporal, durations=tuple(structs.replace(d, character=each) for d, each in pairs)
    )


def _has_series(observation: Observation) -> bool:
    return bool(observation.events or observation.histories or observation.light_curves)


def _spectral_obstacle(observation: Observation) -> FlagCode | None:
    """Return the reason why no spectrum can be fitted, or None if one can."""
    if any(spectrum.response is not None for spectrum in observation.spectra):
        return None
    if not (observation.spectra or observation.events or observation.histories):
        return FlagCode.NO_SPECTRAL_DATA
    return None if observation.responses else FlagCode.NO_RESPONSE


def _flags(what: TaskType, *, has_series: bool, obstacle: FlagCode | None) -> tuple[Flag, ...]:
    if what is not TaskType.BURST:
        return ()
    missing = () if has_series else (Flag(FlagCode.NO_TIME_SERIES),)
    return missing if obstacle is None else (*missing, Flag(obstacle))


def _reasons(observation: Observation) -> str:
    """Return the known reasons for missing responses and left-out data, or an empty string."""
    reasons = [
        flag.about(spectrum.detector)
        for spectrum in observation.spectra
        for flag in spectrum.flags
        if flag.code is FlagCode.RESPONSE_FILE_MISSING
        or (flag.code is FlagCode.NO_RESPONSE and flag.detail)
    ]
    reasons += [flag for flag in observation.flags if flag.code in LEFT_OUT]
    return f" ({'; '.join(dict.fromkeys(texts(reasons)))})" if reasons else ""


def _refuse_impossible(
    what: TaskType, *, has_series: bool, obstacle: FlagCode | None, why: str
) -> None:
    match what:
        case TaskType.TEMPORAL:
            possible, needed = has_series, "an event list, a history or a light curve"
        case TaskType.SPECTRAL:
            possible = obstacle is None
            needed = "" if obstacle is None else OBSTACLES[obstacle]
        case TaskType.BURST:
            possible = has_series or obstacle is None
            needed = "an event list, a history, a light curve, or a spectrum with its response"
        case _:
            assert_never(what)
    if not possible:
        raise InputError(f"a {what} analysis needs {needed}: none is among the files{why}")

"""The whole analysis of one burst: temporal, then spectral, as far as the data allow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from eclgrmd.errors import InputError
from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import Stage
from eclgrmd.model.task import TaskType

from .character import describe
from .character.fluence_ratio import fluence_hardness
from .character.results import BurstCharacter
from .spectral import fit_burst
from .spectral.results import SpectralAnalysis
from .temporal import measure
from .temporal.results import DurationMeasurement, TemporalAnalysis

__all__ = ["BurstAnalysis", "analyse"]

OBSTACLES = {
    "no_response": "a response",
    "no_spectral_data": "a spectrum, an event list or a history",
}
"""Why no spectrum can be fitted, and what would help."""


@dataclass(frozen=True, slots=True, eq=False)
class BurstAnalysis:
    """What was known of a burst, and what was found in it."""

    observation: Observation
    temporal: TemporalAnalysis | None
    """None: not asked for, or no data in time; a flag says which."""
    spectral: SpectralAnalysis | None
    """None: not asked for, or nothing that could be fitted; a flag says which."""
    flags: tuple[str, ...] = ()
    characters: tuple[BurstCharacter | None, ...] = ()
    """Of each duration, in the same order; None: nothing significant. Empty: not asked for."""

    def described(self) -> list[tuple[DurationMeasurement, BurstCharacter | None]]:
        """Pair each duration with what was found beside it."""
        durations = () if self.temporal is None else self.temporal.durations
        characters = self.characters or (None,) * len(durations)
        return list(zip(durations, characters, strict=True))


def _ignore(_stage: Stage) -> None:
    """Tell nobody."""


def analyse(
    observation: Observation,
    configuration: TaskConfiguration,
    what: TaskType,
    on_stage: Callable[[Stage], None] = _ignore,
) -> BurstAnalysis:
    """Analyse a burst: what is there decides what is computed.

    Parameters
    ----------
    observation
        Event lists, histories or light curves give durations; with responses, or with ready-made
        spectra, they give spectral fits too.
    configuration
        How to do it.
    what
        A spectral analysis of a series measures the burst too, to know its background and
        interval, but does not report durations.
    on_stage
        Is told each stage as it begins: temporal, spectral.

    Raises
    ------
    InputError
        When nothing of what is asked for can be computed from the data.
    """
    has_series, obstacle = _has_series(observation), _spectral_obstacle(observation)
    _refuse_impossible(what, has_series=has_series, obstacle=obstacle)
    temporal: TemporalAnalysis | None = None
    spectral: SpectralAnalysis | None = None
    characters: tuple[BurstCharacter | None, ...] = ()
    if has_series:
        on_stage(Stage.TEMPORAL)
        temporal = measure(observation, configuration)
    if what is not TaskType.TEMPORAL and not obstacle:
        on_stage(Stage.SPECTRAL)
        spectral = fit_burst(observation, temporal, configuration)
    if temporal and what is not TaskType.SPECTRAL and configuration.duration.character:
        characters = _characters(observation, temporal, spectral, configuration)
    return BurstAnalysis(
        observation,
        None if what is TaskType.SPECTRAL else temporal,
        spectral,
        _flags(what, has_series=has_series, obstacle=obstacle),
        characters,
    )


def _characters(
    observation: Observation,
    temporal: TemporalAnalysis,
    spectral: SpectralAnalysis | None,
    configuration: TaskConfiguration,
) -> tuple[BurstCharacter | None, ...]:
    hardness = fluence_hardness(spectral)
    return tuple(
        None
        if duration.t100_s is None
        else describe(observation, duration, configuration, hardness)
        for duration in temporal.durations
    )


def _has_series(observation: Observation) -> bool:
    return bool(observation.events or observation.histories or observation.light_curves)


def _spectral_obstacle(observation: Observation) -> str:
    """Say in a flag why no spectrum can be fitted; empty where one can."""
    if any(spectrum.response is not None for spectrum in observation.spectra):
        return ""
    if not (observation.spectra or observation.events or observation.histories):
        return "no_spectral_data"
    return "" if observation.responses else "no_response"


def _flags(what: TaskType, *, has_series: bool, obstacle: str) -> tuple[str, ...]:
    if what is not TaskType.BURST:
        return ()
    missing = () if has_series else ("no_time_series",)
    return (*missing, obstacle) if obstacle else missing


def _refuse_impossible(what: TaskType, *, has_series: bool, obstacle: str) -> None:
    match what:
        case TaskType.TEMPORAL:
            possible, needed = has_series, "an event list, a history or a light curve"
        case TaskType.SPECTRAL:
            possible, needed = not obstacle, OBSTACLES.get(obstacle, "")
        case TaskType.BURST:
            possible = has_series or not obstacle
            needed = "an event list, a history, a light curve, or a spectrum with its response"
        case _:
            assert_never(what)
    if not possible:
        raise InputError(f"a {what} analysis needs {needed}: none is among the files")

"""The analysis of a burst by many choices, with shared intermediate results."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.errors import PermanentError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.configuration.steps import STEPS, StepName, projected, step_key
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Observation
from eclgrmd.model.task import TaskType
from eclgrmd.products.bands import GBM_BAND_KEV, energy_flux
from eclgrmd.studies.sharing import shared_out

from .space import Choice, Space, drawn_choices
from .spread import Spread, quantity_spread

__all__ = ["SharedSteps", "measure_spread", "quantities_of"]

T = TypeVar("T")
Values = dict[str, float]
_GROUP = 10
"""Choices that a process computes one after the other, sharing their steps."""
_OF_DURATIONS = frozenset({"t90_s", "t50_s"})
"""Quantities that do not depend on the choices for spectra."""
_REPLICAS = 100
"""Bootstrap replicas: no value depends on them, only its error, which is not used."""


class SharedSteps:
    """Computes each step once for all choices on which it does not depend.

    Only the outcomes of the last choices are kept: the next one shares most of its steps with them.
    """

    def __init__(self) -> None:
        self._known: dict[StepName, tuple[str, Any]] = {}
        self.computed = 0
        """Steps that were computed, not shared."""

    def recall(self, configuration: TaskConfiguration) -> "_Recall":
        """Return what recalls or computes the steps of one configuration."""
        return _Recall(self, configuration)

    def outcome(self, name: StepName, key: str, compute: Callable[[], T]) -> T:
        """Return the outcome of a step, computed if that of the last choice was another one."""
        known = self._known.get(name)
        if known is None or known[0] != key:
            self.computed += 1
            known = self._known[name] = (key, compute())
        value: T = known[1]
        return value


class _Recall:
    """The steps of one configuration; a step's key is that of everything before it."""

    def __init__(self, shared: SharedSteps, configuration: TaskConfiguration) -> None:
        self._shared = shared
        self._configuration = configuration
        read = step_key(STEPS[StepName.READ], configuration, {}, "")
        self._before: dict[str, str] = {StepName.READ: read}

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Return the outcome of a step (see `analysis.burst.Recall`)."""
        key = step_key(STEPS[name], self._configuration, self._before, "")
        self._before[name] = key
        return self._shared.outcome(
            name, key, lambda: compute(projected(self._configuration, STEPS[name]))
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """What every choice needs."""

    observation: Observation
    configuration: TaskConfiguration
    space: Space
    choices: tuple[Choice, ...]
    what: TaskType


def measure_spread(
    analysis: BurstAnalysis,
    configuration: TaskConfiguration,
    space: Space,
    *,
    number: int,
    seed: int,
    workers: int,
    on_choices: Callable[[int], None],
) -> Spread:
    """Analyse a burst by many choices, and return how far the results differ.

    Parameters
    ----------
    analysis
        Analysis of the burst by its own configuration.
    configuration
        That configuration, which the answers change.
    space
        Questions with their answers.
    number
        Number of choices.
    seed
        Seed of the choices.
    workers
        Processes.
    on_choices
        Called with the number of choices that are done.
    """
    choices = drawn_choices(space, number, seed)
    has_fits = analysis.spectral is not None and bool(analysis.spectral.intervals)
    study = _Study(
        analysis.observation,
        _quick(configuration),
        space,
        tuple(choices),
        TaskType.BURST if has_fits else TaskType.TEMPORAL,
    )
    found: list[tuple[Choice, Values]] = []
    cpu_s = 0.0
    groups = -(-len(choices) // _GROUP)
    for group, (values, took_s) in enumerate(shared_out(_group, study, groups, workers)):
        found += zip(choices[group * _GROUP : (group + 1) * _GROUP], values, strict=True)
        cpu_s += took_s
        on_choices(len(found))
    usual = {name: value for name, value in quantities_of(analysis) if value.value is not None}
    spreads = []
    for name, value in usual.items():
        with_value = [(choice, values[name]) for choice, values in found if name in values]
        if with_value:
            own = value.value, _mean_error(value)
            if name in _OF_DURATIONS:
                spreads.append(quantity_spread(name, own, *_without_spectra(with_value, space)))
            else:
                spreads.append(quantity_spread(name, own, with_value, space))
    return Spread(
        burst_id=analysis.observation.burst_id,
        seed=seed,
        choices=len(found),
        failed=sum(not values for _, values in found),
        space=space,
        cpu_s=cpu_s,
        quantities=tuple(spreads),
    )


def quantities_of(analysis: BurstAnalysis) -> Iterator[tuple[str, Measurement]]:
    """Yield the quantities of a spread with their values."""
    for duration in analysis.temporal.durations[:1] if analysis.temporal else ():
        yield "t90_s", duration.t90.measurement
        yield "t50_s", duration.t50.measurement
    intervals = analysis.spectral.intervals if analysis.spectral else ()
    for fit in intervals[0].models[:1] if intervals else ():
        if "epeak_kev" in fit.parameters:
            yield "epeak_kev", fit.parameters["epeak_kev"].measurement
        yield "flux_erg", energy_flux(fit, GBM_BAND_KEV)


def _group(study: _Study, group: int) -> tuple[list[Values], float]:
    """Analyse a group of choices, and return their values and the CPU time."""
    began = time.process_time()
    shared = SharedSteps()
    mine: Sequence[Choice] = study.choices[group * _GROUP : (group + 1) * _GROUP]
    return [_values(study, choice, shared) for choice in mine], time.process_time() - began


def _values(study: _Study, choice: Choice, shared: SharedSteps) -> Values:
    """Return the values of one choice; none if nothing can be measured by it."""
    try:
        configuration = choice.configuration(study.space, study.configuration)
        recall = shared.recall(configuration)
        found = analyse(study.observation, configuration, study.what, recall=recall)
    except PermanentError:
        return {}
    return {name: each.value for name, each in quantities_of(found) if each.value is not None}


def _without_spectra(
    found: Sequence[tuple[Choice, float]], space: Space
) -> tuple[list[tuple[Choice, float]], Space]:
    """Return the answers on which durations depend, and their questions.

    Choices that follow each other and differ in spectra only count once.
    """
    kept = [k for k, question in enumerate(space.questions) if not question.spectral]
    reduced = [(Choice(tuple(choice.answers[k] for k in kept)), value) for choice, value in found]
    once = [next(group) for _, group in groupby(reduced, key=lambda pair: pair[0])]
    return once, Space(tuple(space.questions[k] for k in kept))


def _mean_error(value: Measurement) -> float | None:
    sides = [side for side in (value.err_minus, value.err_plus) if side is not None]
    return sum(sides) / len(sides) if sides else None


def _quick(choice: TaskConfiguration) -> TaskConfiguration:
    """Return a configuration without what no value depends on."""
    return replace(
        choice,
        duration=replace(
            choice.duration,
            character=False,
            photon_fluence=False,
            combined=False,
            bootstrap=_REPLICAS,
        ),
        spectral=replace(
            choice.spectral,
            models=choice.spectral.models[:1],
            intervals=choice.spectral.intervals[:1],
            goodness_spectra=0,
            posterior_samples=0,
        ),
    )

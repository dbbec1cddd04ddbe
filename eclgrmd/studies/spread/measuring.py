"""The analysis of a burst by many choices, with shared intermediate results."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from msgspec import Struct

from eclgrmd import __version__
from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.errors import PermanentError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.configuration.steps import STEPS, StepName, projected, step_key
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Observation
from eclgrmd.model.study.spread import Space, Spread
from eclgrmd.model.study.work import PIECE
from eclgrmd.model.task import TaskType
from eclgrmd.products.bands import GBM_BAND_KEV, energy_flux
from eclgrmd.studies.reduced import reduced
from eclgrmd.studies.sharing import shared_out

from .distribution import quantity_spread
from .space import Choice, drawn_choices

__all__ = [
    "Group",
    "SharedSteps",
    "SpreadStudy",
    "measure_spread",
    "quantities_of",
    "spread_study",
]

T = TypeVar("T")
Values = dict[str, float]
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


class Group(Struct, frozen=True):
    """The values of choices that were computed one after the other."""

    values: tuple[Values, ...]
    """Value by quantity, of each choice; empty: nothing can be measured by it."""
    cpu_s: float
    """CPU time, seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class SpreadStudy:
    """What every choice needs; `measure` each group below `units`, then `end`."""

    observation: Observation
    """The data."""
    configuration: TaskConfiguration
    """The burst's own configuration, which the answers change."""
    space: Space
    """The questions."""
    choices: tuple[Choice, ...]
    """The choices."""
    what: TaskType
    """What is computed."""
    seed: int
    """Seed of the choices."""
    usual: dict[str, tuple[float, float | None]]
    """Value and statistical error by quantity, by the burst's own configuration."""

    @property
    def units(self) -> int:
        """Number of groups of choices."""
        return -(-len(self.choices) // PIECE)

    def measure(self, group: int) -> Group:
        """Analyse a group of choices."""
        began = time.process_time()
        shared = SharedSteps()
        mine: Sequence[Choice] = self.choices[group * PIECE : (group + 1) * PIECE]
        values = tuple(self._values(choice, shared) for choice in mine)
        return Group(values, time.process_time() - began)

    def end(self, groups: Sequence[Group]) -> Spread:
        """Return the spread of all choices."""
        values = [each for group in groups for each in group.values]
        found = list(zip(self.choices, values, strict=True))
        spreads = []
        for name, own in self.usual.items():
            with_value = [(choice, each[name]) for choice, each in found if name in each]
            if with_value:
                if name in _OF_DURATIONS:
                    spreads.append(
                        quantity_spread(name, own, *_without_spectra(with_value, self.space))
                    )
                else:
                    spreads.append(quantity_spread(name, own, with_value, self.space))
        return Spread(
            software=__version__,
            burst_id=self.observation.burst_id,
            seed=self.seed,
            choices=len(found),
            failed=sum(not each for each in values),
            space=self.space,
            cpu_s=sum(group.cpu_s for group in groups),
            quantities=tuple(spreads),
        )

    def _values(self, choice: Choice, shared: SharedSteps) -> Values:
        """Return the values of one choice; none if nothing can be measured by it."""
        try:
            configuration = choice.configuration(self.space, self.configuration)
            recall = shared.recall(configuration)
            found = analyse(
                self.observation, configuration, self.what, recall=recall, headline=True
            )
        except PermanentError:
            return {}
        return {name: each.value for name, each in quantities_of(found) if each.value is not None}


def spread_study(
    analysis: BurstAnalysis,
    configuration: TaskConfiguration,
    space: Space,
    *,
    choices: int,
    seed: int,
) -> SpreadStudy:
    """Return the study of a burst by many choices.

    Parameters
    ----------
    analysis
        Analysis of the burst by its own configuration.
    configuration
        That configuration, which the answers change.
    space
        Questions with their answers.
    choices
        Number of choices.
    seed
        Seed of the choices.
    """
    has_fits = analysis.spectral is not None and bool(analysis.spectral.intervals)
    return SpreadStudy(
        observation=analysis.observation,
        configuration=reduced(configuration, flux_bands_kev=(GBM_BAND_KEV,), bootstrap=_REPLICAS),
        space=space,
        choices=tuple(drawn_choices(space, choices, seed)),
        what=TaskType.BURST if has_fits else TaskType.TEMPORAL,
        seed=seed,
        usual={
            name: (value.value, _mean_error(value))
            for name, value in quantities_of(analysis)
            if value.value is not None
        },
    )


def measure_spread(study: SpreadStudy, workers: int, on_choices: Callable[[int], None]) -> Spread:
    """Analyse a burst by many choices, and return how far the results differ.

    Parameters
    ----------
    study
        The burst.
    workers
        Processes.
    on_choices
        Called with the number of choices that are done.
    """
    found: list[Group] = []
    for group in shared_out(SpreadStudy.measure, study, study.units, workers):
        found.append(group)
        on_choices(min(len(found) * PIECE, len(study.choices)))
    return study.end(found)


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

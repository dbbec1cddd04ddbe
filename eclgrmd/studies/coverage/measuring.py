"""The analysis of the twins of a burst, on several cores."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from eclgrmd import __version__
from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.errors import PermanentError
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.configuration.sections import InstrumentChoice, TaskConfiguration
from eclgrmd.model.study.coverage import Badge
from eclgrmd.model.task import TaskType
from eclgrmd.studies.reduced import reduced
from eclgrmd.studies.sharing import shared_out

from .counting import cover
from .twins import TwinModel, draw_twin, twin_model

__all__ = ["CoverageStudy", "Twin", "coverage_study", "measure_coverage"]

_LEAST_REPLICAS = 100
"""Replicas of the durations whose errors are not used."""
Found = dict[str, tuple[float, float, float, tuple[float, float] | None]]


class Twin(Struct, frozen=True):
    """What was found in one twin."""

    values: Found
    """Value, downward error, upward error and 95 % interval by quantity; empty: no burst found."""
    cpu_s: float
    """CPU time, seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverageStudy:
    """What every twin needs; `measure` each number below `units`, then `end`."""

    model: TwinModel
    """What twins are drawn from."""
    configuration: TaskConfiguration
    """Configuration of their analysis."""
    what: TaskType
    """What is computed."""
    instrument: str
    """Instrument of the reference duration."""
    units: int
    """Twins."""
    seed: int
    """Seed of the twins."""
    configuration_sha256: str
    """Checksum of the burst's own configuration."""

    def measure(self, number: int) -> Twin:
        """Draw and analyse one twin."""
        began = time.process_time()
        twin = draw_twin(self.model, np.random.default_rng([self.seed, number]))
        choice = replace(self.configuration, seed=self.configuration.seed + 1 + number)
        values: Found = {}
        with suppress(PermanentError):  # no burst in this twin
            values = dict(_values(analyse(twin, choice, self.what, headline=True), self.instrument))
        return Twin(values, time.process_time() - began)

    def end(self, twins: Sequence[Twin]) -> Badge:
        """Return the badge of all twins."""
        found = [each.values for each in twins if each.values]
        return Badge(
            software=__version__,
            burst_id=self.model.observation.burst_id,
            twins=len(twins),
            undetected=len(twins) - len(found),
            seed=self.seed,
            configuration_sha256=self.configuration_sha256,
            cpu_s=sum(each.cpu_s for each in twins),
            covers=tuple(
                cover(name, truth, [each[name] for each in found if name in each])
                for name, truth in self.model.truth.items()
            ),
        )


def coverage_study(
    analysis: BurstAnalysis, configuration: TaskConfiguration, *, twins: int, seed: int
) -> CoverageStudy:
    """Return the study of the twins of a burst.

    Parameters
    ----------
    analysis
        Analysis of the burst; twins have spectra if it has fits.
    configuration
        Configuration of the twins' analysis: that of the burst.
    twins
        Number of twins; each has its own random numbers, whatever the number of workers.
    seed
        Seed of the twins.

    Raises
    ------
    InputError
        If no burst was found, or the data are not event lists.
    """
    model = twin_model(analysis)
    durations = analysis.temporal.durations if analysis.temporal else ()
    return CoverageStudy(
        model=model,
        configuration=_quick(configuration, durations),
        what=TaskType.BURST if "epeak_kev" in model.truth else TaskType.TEMPORAL,
        instrument=durations[0].instrument,
        units=twins,
        seed=seed,
        configuration_sha256=canonical_sha256(configuration),
    )


def measure_coverage(study: CoverageStudy, workers: int, on_twin: Callable[[int], None]) -> Badge:
    """Analyse twins of a burst blind, and count how often the stated intervals held the truth.

    Parameters
    ----------
    study
        The burst.
    workers
        Processes.
    on_twin
        Called with the number of twins that are done.
    """
    found: list[Twin] = []
    for each in shared_out(CoverageStudy.measure, study, study.units, workers):
        found.append(each)
        on_twin(len(found))
    return study.end(found)


def _values(
    analysis: BurstAnalysis, instrument: str
) -> Iterator[tuple[str, tuple[float, float, float, tuple[float, float] | None]]]:
    for duration in analysis.temporal.durations if analysis.temporal else ():
        if duration.instrument != instrument:
            continue
        for name, width in (("t90_s", duration.t90), ("t50_s", duration.t50)):
            value, minus, plus = width.value_s, width.err_minus_s, width.err_plus_s
            if value is not None and minus is not None and plus is not None:
                yield name, (value, minus, plus, width.interval95_s)
    intervals = analysis.spectral.intervals if analysis.spectral else ()
    for fit in intervals[0].models[:1] if intervals else ():
        epeak = fit.parameters.get("epeak_kev")
        if epeak is not None:
            value, minus, plus = epeak.value, epeak.err_minus, epeak.err_plus
            if value is not None and minus is not None and plus is not None:
                yield "epeak_kev", (value, minus, plus, None)


def _quick(
    choice: TaskConfiguration, durations: Sequence[DurationMeasurement]
) -> TaskConfiguration:
    """Return a configuration without what no stated interval depends on.

    Only the intervals of the reference duration, the first one, are counted.
    """
    others = {}
    for duration in durations[1:]:
        own = choice.of(duration.instrument)
        others[duration.instrument] = InstrumentChoice(
            own.background, replace(own.duration, bootstrap=_LEAST_REPLICAS)
        )
    return replace(reduced(choice), per_instrument={**choice.per_instrument, **others})

"""The analysis of the twins of a burst, on several cores."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.errors import PermanentError
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.task import TaskType
from eclgrmd.studies.sharing import shared_out

from .badge import Badge, cover
from .twins import TwinModel, draw_twin, twin_model

__all__ = ["measure_coverage"]

Found = dict[str, tuple[float, float, float, tuple[float, float] | None]]


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """What every twin needs."""

    model: TwinModel
    configuration: TaskConfiguration
    what: TaskType
    instrument: str
    seed: int


def measure_coverage(
    analysis: BurstAnalysis,
    configuration: TaskConfiguration,
    *,
    twins: int,
    seed: int,
    workers: int,
    on_twin: Callable[[int], None],
) -> Badge:
    """Analyse twins of a burst blind, and count how often the stated intervals held the truth.

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
    workers
        Processes.
    on_twin
        Called with the number of twins that are done.
    """
    model = twin_model(analysis)
    durations = analysis.temporal.durations if analysis.temporal else ()
    what = TaskType.BURST if "epeak_kev" in model.truth else TaskType.TEMPORAL
    study = _Study(model, _quick(configuration), what, durations[0].instrument, seed)
    found: list[Found] = []
    undetected, cpu_s = 0, 0.0
    for number, (each, took_s) in enumerate(shared_out(_measured, study, twins, workers), 1):
        cpu_s += took_s
        if each is None:
            undetected += 1
        else:
            found.append(each)
        on_twin(number)
    covers = tuple(
        cover(name, truth, [each[name] for each in found if name in each])
        for name, truth in model.truth.items()
    )
    return Badge(
        burst_id=analysis.observation.burst_id,
        twins=twins,
        undetected=undetected,
        seed=seed,
        configuration_sha256=canonical_sha256(configuration),
        cpu_s=cpu_s,
        covers=covers,
    )


def _measured(study: _Study, number: int) -> tuple[Found | None, float]:
    """Draw and analyse one twin; None if no burst was found in it."""
    began = time.process_time()
    twin = draw_twin(study.model, np.random.default_rng([study.seed, number]))
    choice = replace(study.configuration, seed=study.configuration.seed + 1 + number)
    try:
        analysis = analyse(twin, choice, study.what)
    except PermanentError:
        return None, time.process_time() - began
    found = dict(_values(analysis, study.instrument))
    return found or None, time.process_time() - began


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


def _quick(choice: TaskConfiguration) -> TaskConfiguration:
    """Return a configuration without what no stated interval depends on."""
    return replace(
        choice,
        duration=replace(choice.duration, character=False, photon_fluence=False, combined=False),
        spectral=replace(
            choice.spectral,
            models=choice.spectral.models[:1],
            intervals=choice.spectral.intervals[:1],
            goodness_spectra=0,
            posterior_samples=0,
        ),
    )

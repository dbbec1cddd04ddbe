"""The report's row of each burst, and all measured values with their truth."""

from collections.abc import Iterable, Iterator

import msgspec

from eclgrmd.model.flags import texts
from eclgrmd.model.result import Duration, Parameter, Result
from eclgrmd.model.task import TaskType
from testbench.acceptance.judgement.products import read_result
from testbench.acceptance.judgement.statistics import Pull
from testbench.acceptance.judgement.truths import (
    best_model,
    duration_pulls,
    spectrum_pulls,
    true_duration,
)
from testbench.simulate.delivery import Dc0, SimulatedBurst
from testbench.simulate.truth import Truth
from testbench.tts.sequence import TaskRecord

from .content import BurstRow, Value

__all__ = ["burst_rows", "duration_comparison", "read_results", "spectrum_comparison"]

Results = dict[tuple[str, TaskType], Result]
"""Results by simulated burst id and kind of task."""
_NONE = Parameter(None, None, None, free=False)


def read_results(records: Iterable[TaskRecord], run: str) -> Results:
    """Read the results of all tasks of a run."""
    return {
        (record.burst_id.removesuffix(run), record.analysis): result
        for record in records
        if (result := read_result(record)) is not None
    }


def duration_comparison(dc0: Dc0, results: Results) -> tuple[Pull, ...]:
    """Compare all durations with the truth, separately from events and from light curves."""
    return tuple(
        named
        for burst in dc0.bursts
        for analysis, source in ((TaskType.BURST, "events"), (TaskType.TEMPORAL, "light curves"))
        if (result := results.get((burst.burst_id, analysis))) is not None
        for named in _named(duration_pulls(burst.truth, result), source)
    )


def spectrum_comparison(dc0: Dc0, results: Results) -> tuple[Pull, ...]:
    """Compare all spectral parameters, separately from events and from ready-made spectra."""
    return tuple(
        named
        for burst in dc0.bursts
        for analysis, source in ((TaskType.BURST, "events"), (TaskType.SPECTRAL, "spectra"))
        if (result := results.get((burst.burst_id, analysis))) is not None
        for named in _named(spectrum_pulls(burst.truth, result), source)
    )


def _named(pulls: Iterable[Pull], source: str) -> Iterator[Pull]:
    """Append the source of the measurement to the name of the quantity."""
    for pull in pulls:
        yield msgspec.structs.replace(pull, quantity=f"{pull.quantity} from {source}")


def burst_rows(
    dc0: Dc0, results: Results, records: Iterable[TaskRecord], run: str
) -> tuple[BurstRow, ...]:
    """Return the report's row of each burst."""
    tasks = tuple(records)
    return tuple(_row(burst, results, _latency(burst, tasks, run)) for burst in dc0.bursts)


def _latency(burst: SimulatedBurst, tasks: tuple[TaskRecord, ...], run: str) -> float | None:
    """Return the latency of the last task of a burst; None if a task has none."""
    mine = [t.latency_s for t in tasks if t.burst_id == f"{burst.burst_id}{run}"]
    known = [latency for latency in mine if latency is not None]
    return max(known) if known and len(known) == len(mine) else None


def _row(burst: SimulatedBurst, results: Results, latency_s: float | None) -> BurstRow:
    """Return the row of a burst: from events, or else from light curves and ready-made spectra."""
    whole = results.get((burst.burst_id, TaskType.BURST))
    timing = whole or results.get((burst.burst_id, TaskType.TEMPORAL))
    spectral = whole or results.get((burst.burst_id, TaskType.SPECTRAL))
    duration = timing.durations[0] if timing is not None and timing.durations else None
    values = _spectrum_values(burst.truth, spectral)
    flags = (*(texts(duration.flags) if duration else ()), *burst.truth.flags)
    return BurstRow(
        name=burst.name,
        burst_id=burst.burst_id,
        instrument=duration.instrument if duration else "-",
        t90_s=_t90(burst.truth, duration),
        epeak_kev=values["epeak_kev"],
        alpha=values["alpha"],
        beta=values["beta"],
        latency_s=latency_s,
        flags=tuple(dict.fromkeys(flags)),
    )


def _t90(truth: Truth, duration: Duration | None) -> Value:
    if duration is None:
        return Value()
    true = true_duration(truth, duration)
    return Value(
        measured=duration.t90.value_s,
        err_minus=duration.t90.err_minus_s,
        err_plus=duration.t90.err_plus_s,
        true=None if true is None else true.t90.value_s,
    )


def _spectrum_values(truth: Truth, result: Result | None) -> dict[str, Value]:
    true = truth.spectrum
    model = None if result is None else best_model(result, true.model if true else "band")
    parameters = {} if model is None else model.parameters
    found = {}
    for name in ("epeak_kev", "alpha", "beta"):
        parameter = parameters.get(name, _NONE)
        found[name] = Value(
            measured=parameter.value,
            err_minus=parameter.err_minus,
            err_plus=parameter.err_plus,
            true=None if true is None else getattr(true, name),
        )
    return found

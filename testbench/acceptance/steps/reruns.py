"""FSC-1588, as a scientist continues: rerun a task with other parameters, compare both."""

import asyncio
from collections.abc import Iterable
from typing import Any

from eclgrmd.model.comparison import ChangedValue
from eclgrmd.model.task import TaskState, TaskType
from testbench.acceptance.report.table import StepFailedError, require
from testbench.tts.clients import RestClient
from testbench.tts.sequence import TaskRecord

__all__ = ["models_compared", "other_background"]

_CUT = 0.2
"""Part of each background interval that is cut from its start."""
_BEFORE_FITS = {"blocks", "durations", "background", "intervals", "spectra"}


async def other_background(
    records: Iterable[TaskRecord], rest: RestClient, *, limit_s: float
) -> str:
    """Rerun with other background intervals: durations and spectra must be new, and compared."""
    task_id, result = await _chosen(records, rest)
    intervals = [
        [low + _CUT * (high - low), high]
        for low, high in result["durations"][0]["background"]["intervals_s"]
    ]
    change = {"background": {"mode": "intervals", "intervals_s": intervals}}
    again, reused = await _rerun(task_id, change, rest, limit_s)
    require(
        not _BEFORE_FITS & reused,
        f"{again} reused {', '.join(sorted(_BEFORE_FITS & reused))} in spite of another background",
    )
    compared = await (await rest.calls()).compare(task_id, again)
    changed = {each.pointer for each in compared.configuration}
    require(
        {"/background/mode", "/background/intervals_s"} <= changed,
        f"/api/v1/compare names only {sorted(changed)} as changed",
    )
    t90 = next(each for each in compared.values if each.name.endswith("/t90"))
    return f"{again}: {_described(t90)}; steps reused: {', '.join(sorted(reused)) or 'none'}"


async def models_compared(
    records: Iterable[TaskRecord], rest: RestClient, *, limit_s: float
) -> str:
    """Rerun with Band and a cutoff power law: everything before the fits must be reused exactly."""
    task_id, _ = await _chosen(records, rest)
    change = {"spectral": {"models": ["band", "cpl"]}}
    again, reused = await _rerun(task_id, change, rest, limit_s)
    require(
        reused >= _BEFORE_FITS,
        f"{again} recomputed {', '.join(sorted(_BEFORE_FITS - reused))} for another model",
    )
    values = (await (await rest.calls()).compare(task_id, again)).values
    moved = [v.name for v in values if "/t90" in v.name and v.before != v.after]
    require(not moved, f"durations changed with the model: {', '.join(moved)}")
    models = (await _result(again, rest))["spectra"][0]["models"]
    require(
        {model["name"] for model in models} == {"band", "cpl"},
        f"{again} has the models {[model['name'] for model in models]}",
    )
    fits = ", ".join(f"{m['name']} {m['statistic_value']:.1f}/{m['dof']}" for m in models)
    best = next(model["name"] for model in models if model["preferred"])
    return f"{again}: {fits}, preferred {best}; steps reused: {', '.join(sorted(reused))}"


async def _chosen(records: Iterable[TaskRecord], rest: RestClient) -> tuple[str, dict[str, Any]]:
    """Return the first analysis that has a duration and a fitted spectrum."""
    for record in records:
        if record.analysis is TaskType.BURST and record.state is TaskState.DONE:
            result = await _result(record.task_id, rest)
            reference = next(iter(result["durations"]), None)
            if reference and reference["t90"]["value_s"] is not None and result["spectra"]:
                return record.task_id, result
    require(False, "no analysis has both a duration and a spectrum")
    raise AssertionError


async def _result(task_id: str, rest: RestClient) -> dict[str, Any]:
    answer = await rest.get(f"/api/v1/products/{task_id}/result.json")
    require(answer.status == 200, f"result of {task_id}: status {answer.status}")
    result: dict[str, Any] = answer.body
    return result


async def _rerun(
    task_id: str, change: dict[str, Any], rest: RestClient, limit_s: float
) -> tuple[str, set[str]]:
    calls = await rest.calls()
    again = (await calls.rerun(task_id, change)).id
    try:
        async with asyncio.timeout(limit_s):
            view = await calls.wait(again)
    except TimeoutError:
        raise StepFailedError(f"{again} has not ended after {limit_s:g} s") from None
    require(view.state is TaskState.DONE, f"{again} is {view.state}: {view.reason}")
    return again, set((view.summary or {})["steps_reused"])


def _described(value: ChangedValue) -> str:
    before, after = value.before.value, value.after.value
    sigma = "" if value.sigma is None else f" ({value.sigma:+.2f} sigma)"
    return f"{value.name} {before:.3f} -> {after:.3f} {value.unit}{sigma}"

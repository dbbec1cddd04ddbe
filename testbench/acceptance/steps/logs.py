"""FSC-1589: the log lines of each task can be read and carry their ids."""

from collections.abc import Iterable
from typing import Any

from testbench.acceptance.report.table import require
from testbench.tts.clients import RestClient
from testbench.tts.sequence import TaskRecord

__all__ = ["logs_name_stages", "logs_reachable", "wrong_lines"]

_FIELDS = ("timestamp", "level", "event")


async def logs_reachable(records: Iterable[TaskRecord], rest: RestClient) -> str:
    """Check that the log of each task can be read and that every line has burst and task id."""
    tasks = tuple(records)
    number = 0
    for task in tasks:
        lines = await _lines(rest, task.task_id)
        wrong = wrong_lines(task, lines)
        require(not wrong, "; ".join(wrong[:3]))
        number += len(lines)
    return f"{number} lines of {len(tasks)} tasks, each with burst and task id"


async def logs_name_stages(records: Iterable[TaskRecord], rest: RestClient) -> str:
    """Check that the logs name the stage of the analysis."""
    stages: set[str] = set()
    for task in records:
        lines = await _lines(rest, task.task_id)
        stages |= {str(line["stage"]) for line in lines if line.get("stage")}
    require(stages, "no line names its stage")
    return f"stages: {', '.join(sorted(stages))}"


def wrong_lines(task: TaskRecord, lines: list[dict[str, Any]]) -> list[str]:
    """List what is wrong with the log lines of a task (empty: nothing)."""
    if not lines:
        return [f"{task.task_id} has no log line"]
    wrong = []
    for number, line in enumerate(lines, 1):
        ids = (line.get("burst_id"), line.get("task_id"))
        if ids != (task.burst_id, task.task_id):
            wrong.append(f"{task.task_id}, line {number} has burst {ids[0]} and task {ids[1]}")
        missing = [name for name in _FIELDS if not line.get(name)]
        if missing:
            wrong.append(f"{task.task_id}, line {number} has no {', '.join(missing)}")
    return wrong


async def _lines(rest: RestClient, task_id: str) -> list[dict[str, Any]]:
    return await (await rest.calls()).logs(task_id)

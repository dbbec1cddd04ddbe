"""FSC-1588: data sent, tasks sent and computed, each step checked by NATS and by REST."""

import itertools
from collections import Counter
from collections.abc import Iterable

from eclgrmd.model.messages.founding import TaskActivity
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.model.rest.tasks import Task
from eclgrmd.model.task import FINAL_STATES, TRANSITIONS, TaskState
from testbench.acceptance.report.table import require
from testbench.tts.clients import RestClient
from testbench.tts.sequence import Door, FileRecord, SequenceView, TaskRecord
from testbench.tts.watch import ActivityWatch

__all__ = [
    "calibration_sent",
    "files_sent",
    "is_calibration",
    "one_task_of_two",
    "tasks_computed",
    "tasks_sent",
    "wrong_changes",
]

_CALIBRATION = (".rsp", ".rsp2", ".rmf", ".arf")
_FIRST = {TaskState.WAITING, TaskState.QUEUED}


def is_calibration(name: str) -> bool:
    """Return whether a file is a response or ancillary file, by its name."""
    return any(ending in name.lower() for ending in _CALIBRATION) or "response" in name.lower()


async def files_sent(view: SequenceView, door: Door) -> str:
    """Check that every input file sent by one client was accepted."""
    return _all_accepted(
        [f for f in view.files if f.door == door and not is_calibration(f.name)], door
    )


async def calibration_sent(view: SequenceView, rest: RestClient) -> str:
    """Check that every response was accepted and appears in the daemon's list."""
    sent = [f for f in view.files if is_calibration(f.name)]
    accepted = _all_accepted(sent, "both")
    calls = await rest.calls()
    for record in sent:
        kinds = {d.kind async for d in calls.data(record.burst_id) if d.name == record.name}
        require(
            kinds and kinds <= {"response", "ancillary"},
            f"{record.name} of {record.burst_id} is listed as {kinds or 'nothing'}",
        )
    return accepted


def _all_accepted(records: list[FileRecord], door: str) -> str:
    require(records, f"nothing was sent by {door}")
    bad = [f"{r.burst_id} {r.name}: {r.state} {r.reason}" for r in records if r.state != "accepted"]
    require(not bad, f"{len(bad)} of {len(records)} not accepted: " + "; ".join(bad[:5]))
    megabytes = sum(r.size for r in records) / 1e6
    bursts = len({r.burst_id for r in records})
    return f"{len(records)} files of {bursts} bursts ({megabytes:.1f} MB) accepted by {door}"


async def tasks_sent(view: SequenceView) -> str:
    """Check that tasks arrived by NATS and by REST."""
    require(not view.reason, f"sequence {view.id}: {view.reason}")
    doors = Counter(t.door for t in view.tasks)
    require(len(view.finished) == len(view.bursts), f"only {len(view.finished)} bursts were sent")
    return f"{doors['nats']} tasks by NATS, {doors['rest']} by REST"


async def one_task_of_two(view: SequenceView, rest: RestClient, watch: ActivityWatch) -> str:
    """Check that a task sent twice, once by NATS and once by REST, is one task."""
    twice = [t for t in view.tasks if t.sent == 2]
    require(twice, "no task was sent twice")
    calls = await rest.calls()
    for task in twice:
        listed = calls.tasks(TaskQuery(burst_id=task.burst_id))
        number = sum([each.id == task.task_id async for each in listed])
        require(number == 1, f"{task.task_id} is listed {number} times")
        ends = [c for c in watch.task_changes(task.task_id) if c.state in FINAL_STATES]
        require(len(ends) == 1, f"{task.task_id} ended {len(ends)} times")
    return f"{len(twice)} tasks sent by NATS and by REST, each is one task"


async def tasks_computed(records: Iterable[TaskRecord], rest: RestClient) -> str:
    """Check that every task completed by legal transitions, and that REST agrees."""
    tasks = tuple(records)
    require(tasks, "there are no tasks")
    calls = await rest.calls()
    wrong = []
    for task in tasks:
        if task.state is not TaskState.DONE:
            wrong.append(f"{task.task_id}: {task.state or 'no end'}: {task.reason}")
        wrong += wrong_changes(task.task_id, task.changes)
        wrong += _differences(task, await calls.task(task.task_id))
    require(not wrong, f"{len(wrong)} problems: " + "; ".join(wrong[:5]))
    changes = sum(len(t.changes) for t in tasks)
    return f"{len(tasks)} tasks done, {changes} changes announced, all legal, same by REST"


def wrong_changes(task_id: str, changes: tuple[TaskActivity, ...]) -> list[str]:
    """List what is wrong with the announced changes of a task (empty: nothing)."""
    numbers = [c.number for c in changes]
    if numbers != list(range(1, len(changes) + 1)):
        return [f"{task_id}: its changes are numbered {numbers}"]
    states = [c.state for c in changes]
    wrong = [
        f"{task_id}: {before} -> {after} is not legal"
        for before, after in itertools.pairwise(states)
        if after not in TRANSITIONS[before]
    ]
    if states and states[0] not in _FIRST:
        wrong.append(f"{task_id}: its first state is {states[0]}")
    return wrong


def _differences(task: TaskRecord, view: Task) -> list[str]:
    announced = [(c.number, str(c.state)) for c in task.changes]
    by_rest = [(c.number, str(c.state)) for c in view.changes]
    if announced != by_rest:
        return [f"{task.task_id}: announced {announced}, but REST says {by_rest}"]
    names = {p.name for p in task.products}
    if names != {p.name for p in view.products}:
        return [f"{task.task_id}: the products announced are not those REST lists"]
    return []

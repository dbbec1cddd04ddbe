"""Waits for the tasks that the daemon creates itself, and fetches their products."""

import asyncio
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

import aiohttp
import msgspec

from eclgrmd.client import RefusedError
from eclgrmd.model.messages.facts import ProductLink
from eclgrmd.model.rest.bursts import Burst
from eclgrmd.model.rest.tasks import ListedTask
from eclgrmd.model.task import FINAL_STATES, PENDING_FIGURES, TaskState, TaskType

from .clients import RestClient
from .collect import collect_product
from .sequence import TaskRecord
from .watch import ActivityWatch

__all__ = ["automatic_tasks", "collect_task", "settled"]

_LOOK_AGAIN_S = 0.3
"""Time between two looks at a burst, seconds."""


async def settled(
    rest: RestClient, burst_id: str, series: Iterable[str] = (), *, quiet_s: float, limit_s: float
) -> Burst:
    """Wait until a burst has these series, no task is open, and nothing changes for a while.

    Raises
    ------
    TimeoutError
        If that does not happen within the limit; the text lists the tasks.
    """
    until, wanted = time.monotonic() + limit_s, set(series)
    seen, since = None, time.monotonic()
    while True:
        view = await _known(rest, burst_id)
        tasks = view.tasks if view else []
        now = [(t.id, t.state) for t in tasks], len(view.data) if view else 0
        if now != seen:
            seen, since = now, time.monotonic()
        over = tasks and all(
            t.state in FINAL_STATES and t.figures.state not in PENDING_FIGURES for t in tasks
        )
        made = {t.series for t in tasks if t.state is TaskState.DONE}
        if view and over and wanted <= made and time.monotonic() - since > quiet_s:
            return view
        if time.monotonic() > until:
            states = ", ".join(f"{t.id} {t.state} {t.reason}" for t in tasks)
            raise TimeoutError(f"{burst_id} after {limit_s:g} s: {states or 'no task'}")
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _known(rest: RestClient, burst_id: str) -> Burst | None:
    """Return a burst; None while the daemon does not know it."""
    try:
        return await (await rest.calls()).burst(burst_id)
    except RefusedError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None


def automatic_tasks(view: Burst, *, newest: bool = False) -> list[ListedTask]:
    """Return the automatic tasks of a burst that were not replaced before they started."""
    found = [
        t for t in view.tasks if t.origin == "automatic" and t.state is not TaskState.CANCELLED
    ]
    return [t for t in found if not (newest and t.superseded_by)]


async def collect_task(
    session: aiohttp.ClientSession,
    rest: RestClient,
    task: ListedTask,
    output: Path,
    watch: ActivityWatch | None = None,
) -> TaskRecord:
    """Fetch the products of a task; return the same record as for a task that was sent."""
    view = await (await rest.calls()).task(task.id)
    folder = output / view.burst_id / view.id
    links = [msgspec.convert(each, ProductLink, from_attributes=True) for each in view.products]
    return TaskRecord(
        task_id=view.id,
        burst_id=view.burst_id,
        analysis=TaskType(view.analysis),
        door="rest",
        sent=0,
        state=view.state,
        reason=view.reason,
        changes=tuple(watch.task_changes(view.id)) if watch else (),
        latency_s=None,
        products=tuple([await collect_product(session, link, folder) for link in links]),
    )

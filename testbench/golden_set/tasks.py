"""The tasks of the scenario: those of DC-0, and small ones that end in every possible way."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import msgspec

from eclgrmd.model.messages.incoming import DataNotification, FileLink, TaskRequest
from testbench.simulate.delivery import Dc0, SimulatedBurst, SimulatedFile
from testbench.tiny import tiny_light_curve, tiny_task

from .site import Site

__all__ = ["ODD", "result_of", "run_odd_burst", "run_tasks"]

ODD = "sb26120201"
"""Burst of small tasks that end in every possible way."""
_T0_MET_S = 3.2e8
"""Trigger time of the quick look, mission time, seconds."""
_DRAWN = {"duration": {"bootstrap": 100}, "products": {"figures": True, "tables": True}}
"""Configuration of the one task with figures and tables."""


async def run_tasks(site: Site, dc0: Dc0, url: str) -> None:
    """Send all data and tasks of DC-0: those of the first burst by NATS, the others by REST.

    Data come first, so that every task changes its state in the same way in every run.
    """
    first, *others = dc0.bursts
    await _by_nats(site, first, url)
    for burst in others:
        for file in _inputs(burst):
            query = urlencode({"burst_id": burst.burst_id, "name": file.name})
            await site.post(f"/api/v1/data?{query}", await asyncio.to_thread(file.path.read_bytes))
        for task in burst.tasks:
            await site.post("/api/v1/task", msgspec.json.encode(task))
    for burst in dc0.bursts:
        for task in burst.tasks:
            await _ended(site, task.id)


def _inputs(burst: SimulatedBurst) -> list[SimulatedFile]:
    names = {one.name for task in burst.tasks for one in task.inputs}
    return [file for file in burst.files if file.name in names]


async def _by_nats(site: Site, burst: SimulatedBurst, url: str) -> None:
    files = _inputs(burst)
    links = tuple(
        FileLink(file.name, f"{url}/{burst.burst_id}/{file.name}", file.size, file.sha256)
        for file in files
    )
    notice = DataNotification("golden-data", burst.burst_id, links)
    await _publish(site, notice)

    async def arrived() -> bool:
        sql = "SELECT COUNT(*) AS n FROM data_file WHERE burst_id = %s"
        return bool((await site.ask(sql, burst.burst_id))[0]["n"] == len(files))

    await site.until("all files are fetched", arrived)
    for task in burst.tasks:
        await _publish(site, task)


async def _publish(site: Site, message: DataNotification | TaskRequest) -> None:
    await site.nats.jetstream().publish("data.bandx", msgspec.json.encode(message))


async def result_of(site: Site, task_id: str) -> Any:
    """Return the `result.json` of a task, or the problem document if there is none."""
    async with site.session.get(f"{site.rest}/api/v1/products/{task_id}/result.json") as answer:
        return await answer.json(content_type=None)


async def run_odd_burst(site: Site) -> None:
    """Send tasks that succeed, are repeated, fail and are cancelled; and send a wrong file."""
    here = f"/api/v1/data?burst_id={ODD}"
    await site.post(f"{here}&name=curve.fits", tiny_light_curve(7))
    await site.post(f"{here}&name=garbage.fits", b"SIMPLE  = no" + bytes(100))
    good, bad = [{"name": "curve.fits"}], [{"name": "curve.fits", "sha256": "0" * 64}]
    await _send(site, tiny_task("odd-done", ODD, good))
    await _ended(site, "odd-done")
    await site.post("/api/v1/task/odd-done/rerun", b'{"id": "odd-again", "configuration": '
                    b'{"duration": {"bootstrap": 150}}}')  # fmt: skip
    await _ended(site, "odd-again")
    drawn = {**tiny_task("odd-drawn", ODD, good), "configuration": _DRAWN}
    await _send(site, drawn)
    await _ended(site, "odd-drawn")
    await _send(site, {**tiny_task("odd-failed", ODD, good), "analysis": "spectral"})
    await _ended(site, "odd-failed")
    await _send(site, tiny_task("odd-cancelled", ODD, bad))
    async with site.session.delete(f"{site.rest}/api/v1/task/odd-cancelled") as answer:
        await answer.read()
    await _ended(site, "odd-cancelled")
    await _send(site, tiny_task("odd-waiting", ODD, [{"name": "never.fits"}]))


async def _send(site: Site, task: dict[str, Any]) -> None:
    await site.post("/api/v1/task", json.dumps(task).encode())


async def _ended(site: Site, task_id: str) -> None:
    async def over() -> bool:
        rows = await site.ask(
            "SELECT 1 FROM task WHERE task_id = %s AND state IN ('done', 'failed', 'cancelled')",
            task_id,
        )
        return bool(rows)

    await site.until(f"task {task_id} has ended", over)

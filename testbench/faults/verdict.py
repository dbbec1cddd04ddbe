"""Checks by REST and NATS that nothing was lost or done twice."""

import hashlib
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import aiohttp

from eclgrmd.model.task import (
    FINAL_STATES,
    PENDING_FIGURES,
    TRANSITIONS,
    FiguresState,
    TaskState,
)

from .announcements import Announcements
from .tally import Tally

__all__ = ["find_violations", "unfinished"]

_FINAL = {str(state) for state in FINAL_STATES}
_PENDING = {str(state) for state in PENDING_FIGURES}
Rows = list[dict[str, Any]]


async def unfinished(http: aiohttp.ClientSession, base: str, tally: Tally) -> int:
    """Count acknowledged tasks without end or figures, and acknowledged files that are missing."""
    tasks = await _all(http, f"{base}/api/v1/task?limit=1000", "tasks")
    files = await _all(http, f"{base}/api/v1/data?state=accepted&limit=1000", "data")
    ended = {
        row["id"]
        for row in tasks
        if row["state"] in _FINAL and row["figures"]["state"] not in _PENDING
    }
    there = {(row["burst_id"], row["name"]) for row in files}
    return len(tally.acknowledged_tasks - ended) + len(tally.acknowledged_files.keys() - there)


async def find_violations(
    http: aiohttp.ClientSession, base: str, tally: Tally, announced: Announcements
) -> list[str]:
    """Check every file, task, product and announcement; return a sentence for each error."""
    said: dict[str, Rows] = defaultdict(list)
    for activity in announced.activities:
        said[activity["type"]].append(activity)
    violations = await _wrong_files(http, base, tally, said["data"])
    known = {row["id"] for row in await _all(http, f"{base}/api/v1/task?limit=1000", "tasks")}
    violations += [f"task {each} is lost" for each in sorted(tally.acknowledged_tasks - known)]
    changes, products = _by_task(said["task"]), _by_task(said["products"])
    for task_id in sorted(tally.acknowledged_tasks & known):
        async with http.get(f"{base}/api/v1/task/{task_id}") as answer:
            view = await answer.json()
        violations += _wrong_changes(view, changes[task_id])
        violations += _wrong_announcement(view, products[task_id])
        for product in view["products"]:
            violations += await _wrong_content(http, product)
    return violations


async def _wrong_files(
    http: aiohttp.ClientSession, base: str, tally: Tally, said: Rows
) -> list[str]:
    rows = await _all(http, f"{base}/api/v1/data?state=accepted&limit=1000", "data")
    kept = Counter((row["burst_id"], row["name"], row["sha256"]) for row in rows)
    announced = Counter(
        (each["burst_id"], each["name"], each["sha256"])
        for each in said
        if each["state"] == "accepted"
    )
    violations = []
    for (burst_id, name), sha256 in sorted(tally.acknowledged_files.items()):
        for what, counted in (("kept", kept), ("announced", announced)):
            times = counted[burst_id, name, sha256]
            if times != 1:
                violations.append(f"file {name} of {burst_id} is {what} {times} times")
    return violations


def _wrong_changes(view: dict[str, Any], said: Rows) -> list[str]:
    """Compare the changes of a task with the transition table, and with those announced."""
    task_id, states = view["id"], [TaskState(each["state"]) for each in view["changes"]]
    numbers = [each["number"] for each in view["changes"]]
    violations = []
    if numbers != list(range(1, len(numbers) + 1)):
        violations.append(f"task {task_id}: its changes are numbered {numbers}")
    if states[0] is not TaskState.WAITING:
        violations.append(f"task {task_id} begins as {states[0]}")
    for before, after in pairwise(states):
        if after not in TRANSITIONS[before]:
            violations.append(f"task {task_id} went from {before} to {after}")
    if states[-1] is not TaskState.DONE or view["state"] != TaskState.DONE:
        violations.append(f"task {task_id} is {view['state']}: {view['reason']}")
    if states.count(TaskState.RUNNING) != view["attempts"]:
        violations.append(f"task {task_id}: {view['attempts']} attempts, changes {states}")
    announced = [(each["number"], each["state"]) for each in said]
    if announced != list(zip(numbers, states, strict=True)):
        violations.append(f"task {task_id}: its changes are {states}, announced were {announced}")
    return violations


def _wrong_announcement(view: dict[str, Any], said: Rows) -> list[str]:
    """Compare the products of a task with those announced."""
    task_id, names = view["id"], [each["name"] for each in view["products"]]
    figures = view["figures"]
    steps = 1 if figures["state"] == FiguresState.NONE else 2
    if len(said) != steps:
        return [f"task {task_id}: its products are announced under {len(said)} message ids"]
    violations = []
    if figures["state"] not in {FiguresState.NONE, FiguresState.DONE}:
        violations.append(f"task {task_id}: its figures are {figures}")
    result = {(each["name"], each["sha256"]) for each in said[0]["products"]}
    if not result <= {(each["name"], each["sha256"]) for each in said[-1]["products"]}:
        violations.append(f"task {task_id}: products of its result are not among all products")
    if steps > 1 and any(each["kind"] == "figure" for each in said[0]["products"]):
        violations.append(f"task {task_id}: figures were announced with the result")
    if len(set(names)) != len(names) or not names:
        violations.append(f"task {task_id} has products {names}")
    announced = {(each["name"], each["sha256"], each["link"]) for each in said[-1]["products"]}
    kept = {(each["name"], each["sha256"], each["link"]) for each in view["products"]}
    # Several daemons share the work; a link points to the one that announced it.
    if {each[:2] for each in announced} != {each[:2] for each in kept}:
        violations.append(f"task {task_id}: announced products are not those kept")
    return violations


async def _wrong_content(http: aiohttp.ClientSession, product: dict[str, Any]) -> list[str]:
    async with http.get(product["link"]) as answer:
        content = await answer.read()
    if answer.status != 200 or hashlib.sha256(content).hexdigest() != product["sha256"]:
        return [f"product {product['link']} answers {answer.status} with other content"]
    return []


def _by_task(said: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for each in said:
        found[each["task_id"]].append(each)
    return found


async def _all(http: aiohttp.ClientSession, url: str, key: str) -> Rows:
    rows: Rows = []
    base = url.split("/", 3)
    following: str | None = url
    while following:
        async with http.get(following) as answer:
            answer.raise_for_status()
            page = await answer.json()
        rows += page[key]
        following = page["next"] and "/".join(base[:3]) + page["next"]
    return rows

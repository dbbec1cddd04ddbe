"""`/task`: submit, list, show and cancel tasks."""

import asyncio
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from aiohttp import web

from eclgrmd.errors import InputError
from eclgrmd.model.messages.incoming import read_task
from eclgrmd.model.rest import API
from eclgrmd.model.task import FiguresState, TaskState
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_logs import task_log
from eclgrmd.store.tasks.task_rows import TaskRow
from eclgrmd.store.tasks.task_views import task, tasks
from eclgrmd.store.tasks.tasks import cancel_task, submit_task

from .figures import wait_for_figures
from .middleware.problems import TASKS_FULL, TooMuchError
from .products import product_view
from .requests import answer, identifier_filter, page_limit, read_body, unknown
from .services import SERVICES, Services

__all__ = ["full_view", "position", "routes", "task_view"]

routes = web.RouteTableDef()
_FIGURE = "figure"
"""Kind of products that are figures."""
_Moment = Annotated[datetime, msgspec.Meta(tz=False)]
"""A time as the tables store it: UTC without zone."""


@routes.post("/task")
async def send(request: web.Request) -> web.Response:
    """Submit a task; sending the same one twice is harmless."""
    services = request.app[SERVICES]
    wanted = read_task(await read_body(request, services.settings.now.rest.max_json_bytes))
    if services.health.full:
        raise TooMuchError(TASKS_FULL)
    async with services.database.transaction() as transaction:
        new = await submit_task(transaction, wanted)
    services.hints.give_arrival()
    view = await full_view(services, wanted.id)
    response = answer(view, HTTPStatus.CREATED if new else HTTPStatus.OK)
    response.headers["Location"] = f"{API}/task/{wanted.id}"
    return response


@routes.get("/task")
async def listing(request: web.Request) -> web.Response:
    """Return a page of tasks by time of creation."""
    services = request.app[SERVICES]
    limit = page_limit(request)
    state = request.query.get("state", "")
    if state and state not in list(TaskState):
        raise InputError(f"state = {state!r}: must be one of {', '.join(TaskState)}")
    async with services.database.transaction() as transaction:
        rows = await tasks(
            transaction,
            burst_id=identifier_filter(request, "burst_id"),
            state=state,
            after=_read_position(request.query.get("after", "")),
            limit=limit,
        )
    following = None
    if rows.more:
        following = str(request.rel_url.update_query(after=position(rows[-1])))
    return answer({"tasks": [task_view(row) for row in rows], "next": following})


@routes.get("/task/{task_id}")
async def one(request: web.Request) -> web.Response:
    """Return one task with its state changes and products."""
    return answer(await full_view(request.app[SERVICES], request.match_info["task_id"]))


@routes.delete("/task/{task_id}")
async def cancel(request: web.Request) -> web.Response:
    """Cancel a task; status 409 if it has ended."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    await full_view(services, task_id)
    async with services.database.transaction() as transaction:
        cancelled = await cancel_task(transaction, task_id, "cancelled on request")
    services.hints.give_all()
    return answer(
        await full_view(services, task_id), HTTPStatus.OK if cancelled else HTTPStatus.CONFLICT
    )


@routes.get("/task/{task_id}/figures")
async def figures(request: web.Request) -> web.Response:
    """Return the figures of a task once they are drawn; the request has them drawn if necessary."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    await full_view(services, task_id)
    await wait_for_figures(services, task_id)
    view = await full_view(services, task_id)
    drawn = [each for each in view["products"] if each["kind"] == _FIGURE]
    return answer({**view["figures"], "figures": drawn})


@routes.get("/task/{task_id}/logs")
async def logs(request: web.Request) -> web.Response:
    """Return the log of a task: its state changes and the lines of its workers, by time."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    view = await full_view(services, task_id)
    async with services.database.transaction() as transaction:
        lines = await task_log(transaction, task_id)
    if view["state"] == TaskState.RUNNING or view["figures"]["state"] == FiguresState.RUNNING:
        claims = view["attempts"] + view["figures"]["attempts"]
        lines += await _live_lines(services, task_id, claims)
    lines += [
        {
            "timestamp": change["at"].isoformat() + "Z",
            "level": "info",
            "event": f"task is {change['state']}",
            "reason": change["reason"],
            "burst_id": view["burst_id"],
            "task_id": task_id,
            "stage": "task",
        }
        for change in view["changes"]
    ]
    return answer({"lines": sorted(lines, key=lambda line: str(line.get("timestamp", "")))})


def position(row: TaskRow) -> str:
    """Return the position of a task in the listing, as the query's `after` takes it."""
    return f"{row.created_at.isoformat()}~{row.task_id}"


def task_view(row: TaskRow) -> dict[str, Any]:
    """Return a task as REST shows it in a list."""
    wanted = row.request
    return {
        "id": row.task_id,
        "burst_id": row.burst_id,
        "analysis": row.analysis,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "figures": {
            "state": row.figures,
            "reason": row.figures_reason,
            "attempts": row.drawings,
        },
        "origin": "automatic" if row.series else "sent",
        "series": row.series,
        "proc_ver": row.proc_ver,
        "incomplete": row.incomplete,
        "superseded_by": row.superseded_by,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "inputs": wanted.inputs,
        "configuration": wanted.configuration,
        "rerun_of": wanted.rerun_of,
        "summary": row.summary,
        "links": {
            "self": f"{API}/task/{row.task_id}",
            "logs": f"{API}/task/{row.task_id}/logs",
            "figures": f"{API}/task/{row.task_id}/figures",
            "burst": f"{API}/bursts/{row.burst_id}",
        },
    }


async def full_view(services: Services, task_id: str) -> dict[str, Any]:
    """Return a task as REST shows it alone; 404 if there is none."""
    async with services.database.transaction() as transaction:
        row = await task(transaction, task_id)
        found = await products(transaction, task_id=task_id) if row else []
    if row is None:
        raise unknown("task", task_id)
    base = services.base_url()
    return {
        **task_view(row),
        "changes": [msgspec.structs.asdict(each) for each in row.changes],
        "products": [product_view(each, base) for each in found],
    }


async def _live_lines(services: Services, task_id: str, attempt: int) -> list[dict[str, Any]]:
    folder = services.files.product_folder(task_id, attempt)
    lines = await asyncio.to_thread(services.files.log_lines, folder)
    return [{**msgspec.json.decode(line), "attempt": attempt} for line in lines]


def _read_position(text: str) -> tuple[datetime, str] | None:
    if not text:
        return None
    at, _, task_id = text.partition("~")
    try:
        return msgspec.convert(at, _Moment), task_id
    except msgspec.ValidationError as error:
        raise InputError(f"after = {text!r}: must come from the `next` link") from error

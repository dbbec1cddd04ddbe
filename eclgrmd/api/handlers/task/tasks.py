"""`/task`: submit, list, show and cancel tasks."""

import asyncio
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from eclgrmd.api.access.recording import audited
from eclgrmd.api.middleware.problems import TASKS_FULL, TooMuchError
from eclgrmd.api.requests import answer, next_page, read_body, unknown
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.clock import microseconds, moment
from eclgrmd.model.access import Role
from eclgrmd.model.messages.incoming import TaskRequest, read_task
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import FiguresQuery, TaskQuery
from eclgrmd.model.rest.tasks import (
    ListedTask,
    StateChange,
    Task,
    TaskFigures,
    TaskLinks,
    TaskLog,
    TaskPage,
    WaitedFigures,
)
from eclgrmd.model.task import PENDING_FIGURES, FiguresState, TaskState
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_logs import task_log
from eclgrmd.store.tasks.task_rows import TaskRow
from eclgrmd.store.tasks.task_views import task, tasks
from eclgrmd.store.tasks.tasks import cancel_task, submit_task

from .figures import TO_COME, to_come, wait_for_figures
from .products import product_view

__all__ = ["full_view", "position", "routes", "task_view"]

routes = Routes(__name__)
_FIGURE = "figure"
"""Kind of products that are figures."""
_SHOWN_AS_STORED = (
    "burst_id", "analysis", "state", "reason", "attempts", "series", "proc_ver", "incomplete",
    "superseded_by", "created_at", "started_at", "finished_at", "summary",
)  # fmt: skip
"""Fields that REST shows as the table has them."""


CREATED = ("Location",)
"""Header of a response that leads to the task."""


@routes.at(
    "POST /task",
    {200: Answer(Task, CREATED), 201: Answer(Task, CREATED)},
    needs=Role.SCIENTIST,
    body=TaskRequest,
    errors=(409, 429),
)
async def send(request: web.Request) -> web.Response:
    """Submit a task; sending the same one twice is harmless."""
    services = request.app[SERVICES]
    wanted = read_task(await read_body(request, services.settings.now.rest.max_json_bytes))
    if services.health.full:
        raise TooMuchError(TASKS_FULL, limit="tasks")
    async with services.database.transaction() as transaction:
        new = await submit_task(transaction, wanted)
        if new:
            after = {"burst_id": wanted.burst_id, "analysis": wanted.analysis}
            audited(transaction, request, "tasks_send", wanted.id, after=after)
    services.hints.give_arrival()
    view = await full_view(services, wanted.id)
    response = answer(view, HTTPStatus.CREATED if new else HTTPStatus.OK)
    response.headers["Location"] = f"{API}/task/{wanted.id}"
    return response


@routes.at("GET /task", {200: TaskPage}, needs=Role.READER, query=TaskQuery)
async def listing(request: web.Request, query: TaskQuery) -> web.Response:
    """Return a page of tasks."""
    services = request.app[SERVICES]
    async with services.database.transaction() as transaction:
        rows = await tasks(transaction, query, _read_position(query.after))
    following = next_page(request, position(rows[-1])) if rows.more else None
    return answer(TaskPage(tasks=[task_view(row) for row in rows], next=following))


@routes.at("GET /task/{task_id}", {200: Task}, needs=Role.READER)
async def one(request: web.Request) -> web.Response:
    """Return one task with its state changes and products."""
    return answer(await full_view(request.app[SERVICES], request.match_info["task_id"]))


@routes.at("DELETE /task/{task_id}", {200: Task, 409: Task}, needs=Role.SCIENTIST)
async def cancel(request: web.Request) -> web.Response:
    """Cancel a task; status 409 if it has ended."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    known = await full_view(services, task_id)
    async with services.database.transaction() as transaction:
        cancelled = await cancel_task(transaction, task_id, "cancelled on request")
        if cancelled:
            before, after = {"state": known.state}, {"state": TaskState.CANCELLED}
            audited(transaction, request, "tasks_cancel", task_id, before=before, after=after)
    services.hints.give_all()
    return answer(
        await full_view(services, task_id), HTTPStatus.OK if cancelled else HTTPStatus.CONFLICT
    )


@routes.at(
    "GET /task/{task_id}/figures",
    {200: Answer(WaitedFigures), **TO_COME},
    needs=Role.READER,
    query=FiguresQuery,
)
async def figures(request: web.Request, query: FiguresQuery) -> web.Response:
    """Return the figures of a task, drawn now if they were left to this request; 202 if not yet."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    await full_view(services, task_id)
    state = await wait_for_figures(services, task_id, query.wait)
    if state in PENDING_FIGURES:
        return to_come(request, task_id, state)
    view = await full_view(services, task_id)
    drawn = [each for each in view.products if each.kind == _FIGURE]
    return answer(WaitedFigures(**msgspec.structs.asdict(view.figures), figures=drawn))


@routes.at("GET /task/{task_id}/logs", {200: TaskLog}, needs=Role.READER)
async def logs(request: web.Request) -> web.Response:
    """Return the log of a task: its state changes and the lines of its workers, by time."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    view = await full_view(services, task_id)
    async with services.database.transaction() as transaction:
        lines = await task_log(transaction, task_id)
    if view.state == TaskState.RUNNING or view.figures.state == FiguresState.RUNNING:
        claims = view.attempts + view.figures.attempts
        lines += await _live_lines(services, task_id, claims)
    lines += [
        {
            "timestamp": change.at.isoformat() + "Z",
            "level": "info",
            "event": f"task is {change.state}",
            "reason": change.reason,
            "burst_id": view.burst_id,
            "task_id": task_id,
            "stage": "task",
        }
        for change in view.changes
    ]
    return answer(TaskLog(lines=sorted(lines, key=lambda line: str(line.get("timestamp", "")))))


def position(row: TaskRow) -> str:
    """Return the position of a task in the listing, as the query's `after` takes it."""
    return f"{microseconds(row.created_at)}~{row.task_id}"


def task_view(row: TaskRow) -> ListedTask:
    """Return a task as REST shows it in a list."""
    return ListedTask(**_fields(row))


async def full_view(services: Services, task_id: str) -> Task:
    """Return a task as REST shows it alone; 404 if there is none."""
    async with services.database.transaction() as transaction:
        row = await task(transaction, task_id)
        found = await products(transaction, task_id=task_id) if row else []
    if row is None:
        raise unknown("task", task_id)
    base = services.base_url()
    return Task(
        **_fields(row),
        changes=msgspec.convert(row.changes, list[StateChange], from_attributes=True),
        products=[product_view(each, base) for each in found],
    )


def _fields(row: TaskRow) -> dict[str, Any]:
    """Return the fields of a task in a list."""
    here = f"{API}/task/{row.task_id}"
    shown = {name: getattr(row, name) for name in _SHOWN_AS_STORED}
    wanted = msgspec.structs.asdict(row.request)
    return {
        **shown,
        **wanted,
        "id": row.task_id,
        "figures": TaskFigures(state=row.figures, reason=row.figures_reason, attempts=row.drawings),
        "origin": "automatic" if row.series else "sent",
        "links": TaskLinks(
            self=here,
            logs=f"{here}/logs",
            figures=f"{here}/figures",
            burst=f"{API}/bursts/{row.burst_id}",
        ),
    }


async def _live_lines(services: Services, task_id: str, attempt: int) -> list[dict[str, Any]]:
    folder = services.files.product_folder(task_id, attempt)
    lines = await asyncio.to_thread(services.files.log_lines, folder)
    return [{**msgspec.json.decode(line), "attempt": attempt} for line in lines]


def _read_position(text: str) -> tuple[datetime, str] | None:
    if not text:
        return None
    at, _, task_id = text.partition("~")
    return moment(int(at)), task_id

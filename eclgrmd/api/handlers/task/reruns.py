"""Re-runs of tasks with other parameters, their full configuration, and comparisons."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from eclgrmd.api.access.recording import audited
from eclgrmd.api.middleware.problems import TASKS_FULL, TooMuchError
from eclgrmd.api.requests import answer, read_body, unknown
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.model.access import Role
from eclgrmd.model.comparison import Comparison, compare
from eclgrmd.model.configuration.layers import Layer, Resolved, resolve
from eclgrmd.model.configuration.steps import STEPS, steps_touched
from eclgrmd.model.messages.incoming import RerunChanges, read_rerun
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import ComparisonQuery
from eclgrmd.model.rest.tasks import ExplainedConfiguration, Plan, RerunTask
from eclgrmd.model.result import Result
from eclgrmd.model.result.reading import read_result
from eclgrmd.store.tasks.products import product
from eclgrmd.store.tasks.reruns import submit_rerun
from eclgrmd.store.tasks.task_views import task

from .tasks import CREATED, full_view

__all__ = ["routes"]

routes = Routes(__name__)


@routes.at(
    "POST /task/{task_id}/rerun",
    {200: Answer(RerunTask, CREATED), 201: Answer(RerunTask, CREATED)},
    needs=Role.SCIENTIST,
    body=RerunChanges | None,
    errors=(409, 429),
)
async def rerun(request: web.Request) -> web.Response:
    """Submit a re-run of a task; return the new task and the steps that the changes touch."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    await full_view(services, task_id)
    body = await read_body(request, services.settings.now.rest.max_json_bytes)
    wanted = read_rerun(body, task_id)
    if services.health.full:
        raise TooMuchError(TASKS_FULL, limit="tasks")
    async with services.database.transaction() as transaction:
        before, after, new = await submit_rerun(transaction, wanted)
        if new:
            origin = {"rerun_of": before.id, "analysis": after.analysis}
            audited(transaction, request, "reruns_rerun", after.id, after=origin)
    services.hints.give_arrival()
    touched = steps_touched(
        _resolved(services, before.configuration).configuration,
        _resolved(services, after.configuration).configuration,
    )
    plan = Plan(touched=list(touched), kept=[name for name in STEPS if name not in touched])
    view = RerunTask(**msgspec.structs.asdict(await full_view(services, after.id)), plan=plan)
    response = answer(view, HTTPStatus.CREATED if new else HTTPStatus.OK)
    response.headers["Location"] = f"{API}/task/{after.id}"
    return response


@routes.at("GET /task/{task_id}/configuration", {200: ExplainedConfiguration}, needs=Role.READER)
async def explain(request: web.Request) -> web.Response:
    """Return the full configuration of a task, and the layer that each value comes from."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    view = await full_view(services, task_id)
    found = _resolved(services, view.configuration)
    return answer(
        ExplainedConfiguration(
            task=task_id,
            configuration=msgspec.to_builtins(found.configuration),
            sources=found.sources,
            sha256=found.sha256,
        )
    )


@routes.at(
    "GET /compare", {200: Comparison}, needs=Role.READER, query=ComparisonQuery, errors=(404,)
)
async def comparison(request: web.Request, query: ComparisonQuery) -> web.Response:
    """Return the differences of two tasks, in the configuration and in the results."""
    services = request.app[SERVICES]
    before, after = [await _result(services, name) for name in query.task]
    return answer(compare(before, after))


def _resolved(services: Services, configuration: dict[str, Any]) -> Resolved:
    return resolve(*services.settings.layers, Layer("task", configuration))


async def _result(services: Services, task_id: str) -> Result:
    async with services.database.transaction() as transaction:
        if await task(transaction, task_id) is None:
            raise unknown("task", task_id)
        row = await product(transaction, task_id, "result.json")
    if row is None or row.cleaned_at:
        raise web.HTTPNotFound(text=f"task {task_id!r} has no result.json")
    path = services.files.path(row.path)
    return await asyncio.to_thread(_decoded, path)


def _decoded(path: Path) -> Result:
    return read_result(path.read_bytes(), what="result.json")

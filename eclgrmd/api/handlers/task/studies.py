"""`/task/{id}/coverage` and `/spread`: how far the result of a task can be trusted."""

import asyncio
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from eclgrmd.api.access.recording import audited
from eclgrmd.api.requests import answer, read_body, unknown
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.model.access import Role
from eclgrmd.model.decode import decode_json
from eclgrmd.model.pipeline import STEPS_NAME
from eclgrmd.model.rest.studies import CoverageWanted, SpreadWanted, TaskCoverage, TaskSpread
from eclgrmd.model.study.coverage import COVERAGE_NAME, Badge
from eclgrmd.model.study.spread import SPREAD_NAME, Spread
from eclgrmd.model.study.work import StudyKind, StudyState
from eclgrmd.store.tasks.products import product
from eclgrmd.store.tasks.studies import StudyRow, ask_study, study
from eclgrmd.store.tasks.task_views import task

__all__ = ["routes"]

T = TypeVar("T")
routes = Routes(__name__)
_LONGEST = 10_000
"""Most bytes of a body."""
_NOT_ASKED = {
    "state": StudyState.NONE, "reason": "", "number": 0, "seed": 0, "progress": 0.0,
    "asked_at": None, "ended_at": None,
}  # fmt: skip
"""The view of a study for which nobody has asked."""


@routes.at("GET /task/{task_id}/coverage", {200: TaskCoverage}, needs=Role.READER)
async def coverage(request: web.Request) -> web.Response:
    """Return how often the stated intervals of a task hold the truth, by simulated twins."""
    return answer(await _coverage(request))


@routes.at(
    "POST /task/{task_id}/coverage",
    {200: TaskCoverage, 202: TaskCoverage},
    needs=Role.SCIENTIST,
    body=CoverageWanted | None,
    errors=(409,),
)
async def want_coverage(request: web.Request) -> web.Response:
    """Ask for the coverage of a task; status 200 if it is there with the same numbers."""
    body = await read_body(request, _LONGEST)
    wanted = decode_json(body, CoverageWanted, what="coverage") if body else CoverageWanted()
    await _ask(request, StudyKind.COVERAGE, wanted.twins, wanted.seed)
    return _status(await _coverage(request))


@routes.at("GET /task/{task_id}/spread", {200: TaskSpread}, needs=Role.READER)
async def spread(request: web.Request) -> web.Response:
    """Return how far the results of a task depend on choices that could be defended, too."""
    return answer(await _spread(request))


@routes.at(
    "POST /task/{task_id}/spread",
    {200: TaskSpread, 202: TaskSpread},
    needs=Role.SCIENTIST,
    body=SpreadWanted | None,
    errors=(409,),
)
async def want_spread(request: web.Request) -> web.Response:
    """Ask for the spread of a task; status 200 if it is there with the same numbers."""
    body = await read_body(request, _LONGEST)
    wanted = decode_json(body, SpreadWanted, what="spread") if body else SpreadWanted()
    await _ask(request, StudyKind.SPREAD, wanted.choices, wanted.seed)
    return _status(await _spread(request))


async def _coverage(request: web.Request) -> TaskCoverage:
    fields, found = await _found(request, StudyKind.COVERAGE, COVERAGE_NAME, Badge)
    return TaskCoverage(**fields, coverage=found)


async def _spread(request: web.Request) -> TaskSpread:
    fields, found = await _found(request, StudyKind.SPREAD, SPREAD_NAME, Spread)
    return TaskSpread(**fields, spread=found)


def _status(view: TaskCoverage | TaskSpread) -> web.Response:
    is_done = view.state is StudyState.DONE
    return answer(view, HTTPStatus.OK if is_done else HTTPStatus.ACCEPTED)


async def _ask(request: web.Request, kind: StudyKind, number: int, seed: int) -> None:
    """Queue a study; 404 if there is no such task, 409 if it has no result to study."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    async with services.database.transaction() as transaction:
        if await task(transaction, task_id) is None:
            raise unknown("task", task_id)
        steps = await product(transaction, task_id, STEPS_NAME)
        if steps is None or steps.cleaned_at is not None:
            raise web.HTTPConflict(text=f"task {task_id!r} has no result to study")
        if await ask_study(transaction, task_id, kind, number, seed):
            after = {"number": number, "seed": seed}
            audited(transaction, request, f"studies_want_{kind}", task_id, after=after)
    services.hints.studies.give()


async def _found(
    request: web.Request, kind: StudyKind, name: str, content: type[T]
) -> tuple[dict[str, Any], T | None]:
    """Return the fields of a study's view, and its last result if it is still there."""
    services, task_id = request.app[SERVICES], request.match_info["task_id"]
    async with services.database.transaction() as transaction:
        if await task(transaction, task_id) is None:
            raise unknown("task", task_id)
        row = await study(transaction, task_id, kind)
        file = await product(transaction, task_id, name)
    there = file is not None and file.cleaned_at is None
    result = await _read(services, file.path, content) if file is not None and there else None
    return {"task": task_id, **_fields(row)}, result


def _fields(row: StudyRow | None) -> dict[str, Any]:
    return _NOT_ASKED if row is None else {name: getattr(row, name) for name in _NOT_ASKED}


async def _read(services: Services, path: str, content: type[T]) -> T | None:
    """Return the content of a product; None if it was cleaned meanwhile."""
    try:
        body = await asyncio.to_thread(services.files.path(path).read_bytes)
    except FileNotFoundError:
        return None
    return msgspec.json.decode(body, type=content)

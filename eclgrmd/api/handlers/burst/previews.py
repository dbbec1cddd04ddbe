"""`/bursts/{id}/preview`: what a re-run with changed keys would find, while one drags."""

import time

import msgspec
from aiohttp import web
from msgspec.structs import asdict

from eclgrmd.api.access.client import client_of
from eclgrmd.api.previews import PREVIEW_LIMIT_S
from eclgrmd.api.requests import answer, read_body, unknown
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.compute import WorkerDiedError, WorkerMemoryError, WorkerTimeoutError
from eclgrmd.model.access import Role
from eclgrmd.model.configuration.layers import Layer, patched, resolve
from eclgrmd.model.configuration.quick import PREVIEW_REPLICAS, quick_changes
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.rest import API
from eclgrmd.model.rest.preview import Preview, PreviewFindings, PreviewWanted
from eclgrmd.store.intake.bursts import burst
from eclgrmd.store.tasks.products import MainSteps, main_steps

__all__ = ["routes"]

routes = Routes(__name__, keyed=False)  # a preview is kept nowhere


@routes.at(
    "POST /bursts/{burst_id}/preview",
    {200: Preview},
    needs=Role.SCIENTIST,
    body=PreviewWanted | None,
    errors=(409, 429),
)
async def preview(request: web.Request) -> web.Response:
    """Return durations and fit as a re-run with changed keys finds them; nothing is stored."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    began_s = time.perf_counter()
    body = await read_body(request, services.settings.now.rest.max_json_bytes)
    asked = decode_json(body or b"{}", PreviewWanted, what="preview")
    steps = await _steps(services, burst_id, asked.task or "")
    changes, wanted = _wanted(services, steps, asked)
    found = await _findings(services, client_of(request).key, steps, wanted)
    elapsed_s = time.perf_counter() - began_s
    services.metrics.previews.labels("quick" if found.quick else "rerun").observe(elapsed_s)
    view = Preview(
        **asdict(found),
        burst_id=burst_id,
        task=steps.task_id,
        replicas=PREVIEW_REPLICAS,
        changes=changes,
        rerun=f"{API}/task/{steps.task_id}/rerun",
        elapsed_s=elapsed_s,
    )
    return answer(view)


async def _steps(services: Services, burst_id: str, task_id: str) -> MainSteps:
    async with services.database.transaction() as transaction:
        found = await main_steps(transaction, burst_id, task_id)
        known = found is not None or await burst(transaction, burst_id) is not None
    if not known:
        raise unknown("burst", burst_id)
    if found is None:
        which = f"task {task_id!r}" if task_id else "a task"
        raise web.HTTPConflict(
            text=f"no result of {which} of burst {burst_id!r} is kept: run one first"
        )
    return found


def _wanted(
    services: Services, steps: MainSteps, asked: PreviewWanted
) -> tuple[dict[str, object], TaskConfiguration]:
    """Return all changes of a preview, and the complete configuration with them."""
    own = decode_json(steps.request, TaskRequest, what=f"the stored task {steps.task_id}")

    def with_changes(changes: dict[str, object]) -> TaskConfiguration:
        layer = Layer("task", patched(own.configuration, changes))
        return resolve(*services.settings.layers, layer).configuration

    changes = quick_changes(with_changes(asked.configuration), asked.configuration)
    return changes, with_changes(changes)


async def _findings(
    services: Services, client: str, steps: MainSteps, wanted: TaskConfiguration
) -> PreviewFindings:
    if not services.settings.now.rest.preview_sessions:
        reason = "previews are switched off (rest.preview_sessions = 0): send a re-run"
        return PreviewFindings(quick=False, reason=reason)
    path = str(services.files.path(steps.path))
    try:
        found = await services.previews.find(client, path, msgspec.json.encode(wanted))
    except WorkerTimeoutError:
        reason = f"it takes more than {PREVIEW_LIMIT_S:g} s: send a re-run"
        return PreviewFindings(quick=False, reason=reason)
    except (WorkerDiedError, WorkerMemoryError) as error:
        return PreviewFindings(quick=False, reason=f"{error}: send a re-run")
    return msgspec.json.decode(found, type=PreviewFindings)

"""`/bursts`: bursts with their data, tasks and products."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web
from msgspec import structs, to_builtins

from eclgrmd.model.file_set import choose_files
from eclgrmd.model.rest import API
from eclgrmd.store.intake.bursts import burst, bursts
from eclgrmd.store.intake.data import data_files
from eclgrmd.store.intake.data_rows import DataRow
from eclgrmd.store.intake.enquiries import ask_now
from eclgrmd.store.quicklook.views import quick_look_view
from eclgrmd.store.sql.paging import Page
from eclgrmd.store.tasks.automatic import held_files
from eclgrmd.store.tasks.products import products
from eclgrmd.store.tasks.task_rows import TaskRow
from eclgrmd.store.tasks.task_views import tasks

from .data import data_view
from .products import product_view
from .requests import answer, page_limit, unknown
from .services import SERVICES
from .tasks import position, task_view

__all__ = ["routes"]

routes = web.RouteTableDef()
_MOST = 1000
"""Most files, tasks and products on the page of a burst; links lead to the rest."""


@routes.get("/bursts")
async def listing(request: web.Request) -> web.Response:
    """Return a page of bursts, sorted by id."""
    limit = page_limit(request)
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await bursts(transaction, after=request.query.get("after", ""), limit=limit)
    following = None
    if len(rows) == limit:
        following = str(request.rel_url.update_query(after=rows[-1].id))
    return answer({"bursts": [structs.asdict(row) for row in rows], "next": following})


@routes.get("/bursts/{burst_id}")
async def one(request: web.Request) -> web.Response:
    """Return a burst with its data, the files that cannot be used and why, tasks and products."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    async with services.database.transaction() as transaction:
        row = await burst(transaction, burst_id)
        if row is None:
            raise unknown("burst", burst_id)
        data = await data_files(transaction, burst_id=burst_id, state="", after=0, limit=_MOST)
        work = await tasks(transaction, burst_id=burst_id, state="", after=None, limit=_MOST)
        found = await products(transaction, burst_id=burst_id, limit=_MOST)
        held = await held_files(transaction, burst_id)
        quick_look = await quick_look_view(transaction, burst_id)
    base = services.base_url()
    return answer(
        {
            **structs.asdict(row),
            "vhf": None if quick_look is None else structs.asdict(quick_look),
            "next": _following(burst_id, data, work),
            "unused": [to_builtins(each) for each in choose_files(held).unused],
            "data": [data_view(each) for each in data],
            "tasks": [task_view(each) for each in work],
            "products": [product_view(each, base) for each in found],
        }
    )


def _following(burst_id: str, data: Page[DataRow], work: Page[TaskRow]) -> dict[str, str | None]:
    """Return links to the data files and tasks beyond the first page."""

    def link(path: str, after: object) -> str:
        return f"{path}?{urlencode({'burst_id': burst_id, 'after': after})}"

    return {
        "data": link(f"{API}/data", data[-1].id) if data.more else None,
        "tasks": link(f"{API}/task", position(work[-1])) if work.more else None,
    }


@routes.post("/bursts/{burst_id}/fetch")
async def fetch(request: web.Request) -> web.Response:
    """Schedule a query of the mission database for the files of a burst."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    if not services.settings.now.mdb.url:
        raise web.HTTPConflict(text="no mission database is configured: mdb.url is not set")
    async with services.database.transaction() as transaction:
        if await burst(transaction, burst_id) is None:
            raise unknown("burst", burst_id)
        ask_now(transaction, burst_id)
    services.hints.fetches.give()
    return answer({"burst_id": burst_id}, HTTPStatus.ACCEPTED)

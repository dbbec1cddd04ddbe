"""`/bursts`: bursts with their data, tasks and products."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web
from msgspec import convert

from eclgrmd.api.access.recording import audited
from eclgrmd.api.handlers.task.products import product_view
from eclgrmd.api.handlers.task.tasks import position as position_of_task
from eclgrmd.api.handlers.task.tasks import task_view
from eclgrmd.api.requests import answer, next_page, unknown
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.file_set import choose_files
from eclgrmd.model.rest import API
from eclgrmd.model.rest.bursts import Burst, BurstNext, BurstPage, ListedBurst, ScheduledFetch
from eclgrmd.model.rest.queries import BurstQuery, TaskQuery
from eclgrmd.model.rest.quicklook import QuickLook
from eclgrmd.store.intake.burst_lists import bursts, position
from eclgrmd.store.intake.bursts import burst
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

__all__ = ["routes"]

routes = Routes(__name__)
_MOST = 1000
"""Most files, tasks and products on the page of a burst; links lead to the rest."""


@routes.at("GET /bursts", {200: BurstPage}, needs=Role.READER, query=BurstQuery)
async def listing(request: web.Request, query: BurstQuery) -> web.Response:
    """Return a page of bursts."""
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await bursts(transaction, query)
    more = len(rows) == query.limit
    following = next_page(request, position(rows[-1], query.sort)) if more else None
    listed = convert(rows, list[ListedBurst], from_attributes=True)
    return answer(BurstPage(bursts=listed, next=following))


@routes.at("GET /bursts/{burst_id}", {200: Burst}, needs=Role.READER)
async def one(request: web.Request) -> web.Response:
    """Return a burst with its data, the files that cannot be used and why, tasks and products."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    async with services.database.transaction() as transaction:
        row = await burst(transaction, burst_id)
        if row is None:
            raise unknown("burst", burst_id)
        data = await data_files(transaction, burst_id=burst_id, state="", after=0, limit=_MOST)
        work = await tasks(transaction, TaskQuery(burst_id=burst_id, limit=_MOST))
        found = await products(transaction, burst_id=burst_id, limit=_MOST)
        held = await held_files(transaction, burst_id)
        quick_look = await quick_look_view(transaction, burst_id)
    base = services.base_url()
    return answer(
        Burst(
            id=row.id,
            t0_utc=row.t0_utc,
            t0_met_s=row.t0_met_s,
            trigger_utc=row.trigger_utc,
            expected=row.expected,
            ask_reason=row.ask_reason,
            created_at=row.created_at,
            claim=row.claim,
            record=row.record,
            vhf=convert(quick_look, QuickLook | None, from_attributes=True),
            next=_following(burst_id, data, work),
            unused=list(choose_files(held).unused),
            data=[data_view(each) for each in data],
            tasks=[task_view(each) for each in work],
            products=[product_view(each, base) for each in found],
        )
    )


def _following(burst_id: str, data: Page[DataRow], work: Page[TaskRow]) -> BurstNext:
    """Return links to the data files and tasks beyond the first page."""

    def link(path: str, after: object) -> str:
        return f"{path}?{urlencode({'burst_id': burst_id, 'after': after})}"

    return BurstNext(
        data=link(f"{API}/data", data[-1].id) if data.more else None,
        tasks=link(f"{API}/task", position_of_task(work[-1])) if work.more else None,
    )


@routes.at(
    "POST /bursts/{burst_id}/fetch", {202: ScheduledFetch}, needs=Role.SCIENTIST, errors=(409,)
)
async def fetch(request: web.Request) -> web.Response:
    """Schedule a query of the mission database for the files of a burst."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    if not services.settings.now.mdb.url:
        raise web.HTTPConflict(text="no mission database is configured: mdb.url is not set")
    async with services.database.transaction() as transaction:
        if await burst(transaction, burst_id) is None:
            raise unknown("burst", burst_id)
        ask_now(transaction, burst_id)
        audited(transaction, request, "bursts_fetch", burst_id)
    services.hints.fetches.give()
    return answer(ScheduledFetch(burst_id=burst_id), HTTPStatus.ACCEPTED)

"""`/notice`, `/packet` and `/bursts/.../vhf`: intake of the VHF stream, and the quick look."""

from http import HTTPStatus

from aiohttp import web
from msgspec import UNSET
from msgspec.structs import asdict

from eclgrmd.api.access.client import client_of
from eclgrmd.api.access.recording import audited
from eclgrmd.api.handlers.task.products import FILE
from eclgrmd.api.requests import answer, next_page, read_body, unknown, whole_number
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.errors import InputError
from eclgrmd.model.access import Role
from eclgrmd.model.flags import texts
from eclgrmd.model.names import is_identifier, path_part
from eclgrmd.model.quicklook.notice import Notice, is_notice
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.model.rest.quicklook import (
    QuickLookOfBurst,
    QuickLookProduct,
    QuickLookProducts,
    Received,
    Update,
    UpdatePage,
)
from eclgrmd.store.quicklook.products import (
    QuickLookProductState,
    quick_look_product,
    quick_look_products,
)
from eclgrmd.store.quicklook.views import notices, quick_look_view, read_update, read_updates
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["routes"]

routes = Routes(__name__)


@routes.at(
    "POST /notice",
    {200: Received, 201: Received},
    needs=Role.OPERATOR,
    body=("application/xml", "text/xml"),
    errors=(409, 507),
)
async def post_notice(request: web.Request) -> web.Response:
    """Store a notice (VOEvent 2.0)."""
    return await _store(request, "notice")


@routes.at(
    "POST /packet",
    {200: Received, 201: Received},
    needs=Role.SCIENTIST,
    body=("application/json", "application/octet-stream"),
    errors=(409, 507),
)
async def post_packet(request: web.Request) -> web.Response:
    """Store a packet, JSON or binary."""
    return await _store(request, "packet")


@routes.at("GET /bursts/{burst_id}/vhf", {200: QuickLookOfBurst}, needs=Role.READER)
async def newest(request: web.Request) -> web.Response:
    """Return state and newest update of a burst, and its notices."""
    burst_id = request.match_info["burst_id"]
    async with request.app[SERVICES].database.transaction() as transaction:
        view = await quick_look_view(transaction, burst_id)
        told = await notices(transaction, burst_id)
    if view is None:
        if not is_identifier(burst_id):
            raise unknown("burst", burst_id)
        raise web.HTTPNotFound(text=f"nothing came by VHF of burst {burst_id!r}")
    return answer(QuickLookOfBurst(burst_id=burst_id, **asdict(view), received_notices=told))


@routes.at(
    "GET /bursts/{burst_id}/vhf/updates", {200: UpdatePage}, needs=Role.READER, query=Numbered
)
async def updates(request: web.Request, query: Numbered) -> web.Response:
    """Return the updates of a burst by version."""
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await read_updates(
            transaction, request.match_info["burst_id"], query.after, query.limit
        )
    if not rows and not is_identifier(request.match_info["burst_id"]):
        raise unknown("burst", request.match_info["burst_id"])
    following = next_page(request, rows[-1].version) if rows.more else None
    return answer(UpdatePage(updates=[*rows], next=following))


@routes.at("GET /bursts/{burst_id}/vhf/updates/{version:[0-9]+}", {200: Update}, needs=Role.READER)
async def one_update(request: web.Request) -> web.Response:
    """Return one update."""
    burst_id, text = request.match_info["burst_id"], request.match_info["version"]
    version, row = whole_number(text), None
    if version is not None:
        async with request.app[SERVICES].database.transaction() as transaction:
            row = await read_update(transaction, burst_id, version)
    if row is None:
        raise web.HTTPNotFound(text=f"burst {burst_id!r} has no update {text}")
    return answer(row)


@routes.at("GET /bursts/{burst_id}/vhf/products", {200: QuickLookProducts}, needs=Role.READER)
async def all_products(request: web.Request) -> web.Response:
    """Return the products of the quick look, set by set."""
    services, burst_id = request.app[SERVICES], request.match_info["burst_id"]
    async with services.database.transaction() as transaction:
        rows = await quick_look_products(transaction, burst_id)
    if not rows and not is_identifier(burst_id):
        raise unknown("burst", burst_id)
    base = services.base_url()
    return answer(QuickLookProducts(products=[_view(row, burst_id, base) for row in rows]))


@routes.at(
    "GET /bursts/{burst_id}/vhf/products/{proc_ver:[0-9]+}/{name}",
    FILE,
    needs=Role.READER,
    errors=(410,),
)
async def one_product(request: web.Request) -> web.StreamResponse:
    """Send a product."""
    services, named = request.app[SERVICES], request.match_info
    version, row = whole_number(named["proc_ver"]), None
    if version is not None:
        async with services.database.transaction() as transaction:
            row = await quick_look_product(transaction, named["burst_id"], version, named["name"])
    if row is None:
        raise web.HTTPNotFound(text=f"there is no such product of burst {named['burst_id']!r}")
    if row.cleaned_at is not None:
        raise web.HTTPGone(text=f"product {named['name']!r} was cleaned on {row.cleaned_at} UTC")
    return web.FileResponse(services.files.path(row.path), headers={"Content-Type": row.media_type})


def _view(row: QuickLookProductState, burst_id: str, base_url: str) -> QuickLookProduct:
    link = f"{base_url}/bursts/{path_part(burst_id)}/vhf/products/{row.proc_ver}/{row.name}"
    values = {key: value for key, value in asdict(row).items() if key != "path"}
    return QuickLookProduct(**values, link=link)


async def _store(request: web.Request, kind: str) -> web.Response:
    services = request.app[SERVICES]
    payload = await read_body(request, services.settings.now.rest.max_json_bytes)
    if is_notice(payload) != (kind == "notice"):
        raise InputError(f"this is no {kind}: notices are XML, packets JSON or binary")

    def note(transaction: Transaction, notice: Notice) -> None:
        after = {"notice": notice.ivorn, "kind": notice.kind.name}
        audited(transaction, request, "quicklook_post_notice", notice.burst_id, after=after)

    received = await services.vhf_inbox.store(payload, client_of(request).key, note)
    view = Received(
        kind=received.kind,
        burst_id=received.burst_id,
        new=received.new,
        link=f"{API}/bursts/{received.burst_id}/vhf",
        flags=list(texts(received.flags)) if received.flags else UNSET,
    )
    return answer(
        view,
        HTTPStatus.CREATED if received.new else HTTPStatus.OK,
    )

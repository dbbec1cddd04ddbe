"""`/data`: upload data files, and list received ones with their verdict."""

from http import HTTPStatus

from aiohttp import web
from msgspec import convert

from eclgrmd.api.access.client import client_of
from eclgrmd.api.access.recording import noting
from eclgrmd.api.requests import answer, body_chunks, body_pace, next_page, whole_number
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.errors import InputError
from eclgrmd.ingest.receive import Expected
from eclgrmd.model.access import Role
from eclgrmd.model.rest.data import DataFile, DataPage, Upload
from eclgrmd.model.rest.queries import DataQuery
from eclgrmd.store.intake.data import data_file, data_files
from eclgrmd.store.intake.data_rows import DataRow

__all__ = ["data_view", "routes"]

routes = Routes(__name__)


@routes.at(
    "POST /data",
    {200: DataFile, 201: DataFile},
    needs=Role.SCIENTIST,
    query=Upload,
    body=("application/octet-stream", "application/fits"),
    errors=(409, 429, 507),
)
async def bring(request: web.Request, wanted: Upload) -> web.Response:
    """Receive a data file as the body, streamed to disk."""
    services = request.app[SERVICES]
    limit = services.settings.now.rest.max_upload_bytes
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    # The content length of a compressed body says nothing about the size of the file.
    size = None if "Content-Encoding" in request.headers else request.content_length
    client, pace = client_of(request).key, body_pace()
    with services.uploads.counted(client, pace):
        row, new = await services.receiver.receive(
            Expected(wanted.burst_id, wanted.name, wanted.sha256 or None, size, limit, client),
            body_chunks(request, pace),
            noting(request, "data_bring", wanted.burst_id, {"name": wanted.name}),
        )
    if row.state == "refused":
        raise InputError(row.reason)
    return answer(data_view(row), HTTPStatus.CREATED if new else HTTPStatus.OK)


@routes.at("GET /data", {200: DataPage}, needs=Role.READER, query=DataQuery)
async def listing(request: web.Request, query: DataQuery) -> web.Response:
    """Return a page of data files in the order in which they were received."""
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await data_files(
            transaction,
            burst_id=query.burst_id or "",
            state=query.state or "",
            after=query.after,
            limit=query.limit,
        )
    following = next_page(request, rows[-1].id) if rows.more else None
    return answer(DataPage(data=[data_view(row) for row in rows], next=following))


@routes.at("GET /data/{data_id:[0-9]+}", {200: DataFile}, needs=Role.READER)
async def one(request: web.Request) -> web.Response:
    """Return one data file."""
    number, row = whole_number(request.match_info["data_id"]), None
    if number is not None:
        async with request.app[SERVICES].database.transaction() as transaction:
            row = await data_file(transaction, number)
    if row is None:
        raise web.HTTPNotFound(text=f"no data file {request.match_info['data_id']}")
    return answer(data_view(row))


def data_view(row: DataRow) -> DataFile:
    """Return a data file as REST shows it."""
    return convert(row, DataFile, from_attributes=True)

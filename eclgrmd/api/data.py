"""`/data`: upload data files, and list received ones with their verdict."""

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from eclgrmd.errors import InputError
from eclgrmd.ingest.receive import Expected
from eclgrmd.model.decode import convert_value
from eclgrmd.model.messages.incoming import FileName, Sha256
from eclgrmd.model.names import Identifier
from eclgrmd.store.intake.data import data_file, data_files
from eclgrmd.store.intake.data_rows import DataRow

from .requests import (
    after_id,
    answer,
    body_chunks,
    body_pace,
    identifier_filter,
    page_limit,
    whole_number,
)
from .services import SERVICES

__all__ = ["data_view", "routes"]

routes = web.RouteTableDef()


class _Upload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    burst_id: Identifier
    name: FileName
    sha256: Sha256 | None = None


@routes.post("/data")
async def bring(request: web.Request) -> web.Response:
    """Receive a data file as the body, streamed to disk."""
    services = request.app[SERVICES]
    wanted = convert_value(dict(request.query), _Upload, what="query")
    limit = services.settings.now.rest.max_upload_bytes
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    # The content length of a compressed body says nothing about the size of the file.
    size = None if "Content-Encoding" in request.headers else request.content_length
    client, pace = request.remote or "", body_pace()
    with services.uploads.counted(client, pace):
        row, new = await services.receiver.receive(
            Expected(wanted.burst_id, wanted.name, wanted.sha256, size, limit, client),
            body_chunks(request, pace),
        )
    if row.state == "refused":
        raise InputError(row.reason)
    return answer(data_view(row), HTTPStatus.CREATED if new else HTTPStatus.OK)


@routes.get("/data")
async def listing(request: web.Request) -> web.Response:
    """Return a page of data files in the order in which they were received."""
    limit = page_limit(request)
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await data_files(
            transaction,
            burst_id=identifier_filter(request, "burst_id"),
            state=request.query.get("state", ""),
            after=after_id(request),
            limit=limit,
        )
    following = None
    if rows.more:
        following = str(request.rel_url.update_query(after=str(rows[-1].id)))
    return answer({"data": [data_view(row) for row in rows], "next": following})


@routes.get("/data/{data_id:[0-9]+}")
async def one(request: web.Request) -> web.Response:
    """Return one data file."""
    number, row = whole_number(request.match_info["data_id"]), None
    if number is not None:
        async with request.app[SERVICES].database.transaction() as transaction:
            row = await data_file(transaction, number)
    if row is None:
        raise web.HTTPNotFound(text=f"no data file {request.match_info['data_id']}")
    return answer(data_view(row))


def data_view(row: DataRow) -> dict[str, Any]:
    """Return a data file as REST shows it."""
    return {key: value for key, value in msgspec.structs.asdict(row).items() if key != "path"}

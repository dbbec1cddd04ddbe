"""`/bursts/{id}/claim`, `/record`, `/decisions`: who takes a burst, and which run stands for it."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from eclgrmd.api.access.client import client_of
from eclgrmd.api.access.recording import audited
from eclgrmd.api.requests import answer, next_page, read_body, unknown
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.decode import decode_json
from eclgrmd.model.rest.decisions import (
    BurstClaim,
    ClaimWanted,
    DecisionPage,
    RecordWanted,
    ResultOfRecord,
    WithdrawalQuery,
)
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.store.intake.bursts import BurstRow, burst
from eclgrmd.store.intake.decisions import (
    accept_result,
    claim_burst,
    decisions,
    release_burst,
    withdraw_result,
)
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["routes"]

routes = Routes(__name__)
_LONGEST = 10_000
"""Most bytes of a body."""


@routes.at(
    "POST /bursts/{burst_id}/claim",
    {200: BurstClaim},
    needs=Role.SCIENTIST,
    body=ClaimWanted | None,
    errors=(409,),
)
async def claim(request: web.Request) -> web.Response:
    """Take a burst, so that others need not; status 409 if another has it."""
    services, who = request.app[SERVICES], client_of(request).name
    body = await read_body(request, _LONGEST)
    wanted = decode_json(body, ClaimWanted, what="claim") if body else ClaimWanted()
    async with services.database.transaction() as transaction:
        burst_id = (await _known(transaction, request)).id
        before = await claim_burst(
            transaction, burst_id, who, wanted.note, take_over=wanted.take_over
        )
        after = {"by": who, "note": wanted.note}
        audited(
            transaction,
            request,
            "decisions_claim",
            burst_id,
            before=None if before is None else {"by": before},
            after=after,
        )
        found = (await _known(transaction, request)).claim
    services.hints.announcements.give()
    return answer(found)


@routes.at("DELETE /bursts/{burst_id}/claim", {204: None}, needs=Role.SCIENTIST, errors=(409,))
async def release(request: web.Request) -> web.Response:
    """Release a burst; nothing happens if nobody has it; status 409 if another has it."""
    services, who = request.app[SERVICES], client_of(request).name
    async with services.database.transaction() as transaction:
        burst_id = (await _known(transaction, request)).id
        if await release_burst(transaction, burst_id, who):
            audited(transaction, request, "decisions_release", burst_id, before={"by": who})
    services.hints.announcements.give()
    return web.Response(status=204)


@routes.at(
    "POST /bursts/{burst_id}/record",
    {200: ResultOfRecord},
    needs=Role.SCIENTIST,
    body=RecordWanted,
    errors=(409,),
)
async def accept(request: web.Request) -> web.Response:
    """Accept a run as the result of record, which then stands for the burst."""
    services, who = request.app[SERVICES], client_of(request).name
    wanted = decode_json(await read_body(request, _LONGEST), RecordWanted, what="record")
    async with services.database.transaction() as transaction:
        burst_id = (await _known(transaction, request)).id
        before = await accept_result(transaction, burst_id, wanted.task_id, who, wanted.reason)
        audited(
            transaction,
            request,
            "decisions_accept",
            burst_id,
            before=_task(before),
            after={"task_id": wanted.task_id, "reason": wanted.reason},
        )
        found = (await _known(transaction, request)).record
    services.hints.announcements.give()
    return answer(found)


@routes.at(
    "DELETE /bursts/{burst_id}/record",
    {204: None},
    needs=Role.SCIENTIST,
    query=WithdrawalQuery,
)
async def withdraw(request: web.Request, query: WithdrawalQuery) -> web.Response:
    """Withdraw the result of record; nothing happens if there is none."""
    services, who = request.app[SERVICES], client_of(request).name
    async with services.database.transaction() as transaction:
        burst_id = (await _known(transaction, request)).id
        before = await withdraw_result(transaction, burst_id, who, query.reason)
        if before is not None:
            audited(
                transaction,
                request,
                "decisions_withdraw",
                burst_id,
                before=_task(before),
                after={"reason": query.reason},
            )
    services.hints.announcements.give()
    return web.Response(status=204)


@routes.at(
    "GET /bursts/{burst_id}/decisions", {200: DecisionPage}, needs=Role.READER, query=Numbered
)
async def history(request: web.Request, query: Numbered) -> web.Response:
    """Return a page of what was decided about a burst, oldest first."""
    async with request.app[SERVICES].database.reading() as transaction:
        burst_id = (await _known(transaction, request)).id
        rows = await decisions(transaction, burst_id, after=query.after, limit=query.limit)
    following = next_page(request, rows[-1].id) if len(rows) == query.limit else None
    return answer(DecisionPage(decisions=rows, next=following))


async def _known(transaction: Transaction, request: web.Request) -> BurstRow:
    """Return the burst of a path; 404 if there is none."""
    burst_id = request.match_info["burst_id"]
    row = await burst(transaction, burst_id)
    if row is None:
        raise unknown("burst", burst_id)
    return row


def _task(task_id: str | None) -> Mapping[str, Any] | None:
    return None if task_id is None else {"task_id": task_id}

"""`/campaigns`: watch and cancel campaigns whose ledger is in the daemon's database."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from eclgrmd.api.access.recording import audited
from eclgrmd.api.requests import answer, unknown
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.campaign import CampaignState
from eclgrmd.model.rest.campaigns import CampaignList, CampaignView
from eclgrmd.store.campaigns.campaigns import (
    campaign,
    campaign_names,
    cancel_campaign,
    failures,
    progress,
)
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["routes"]

routes = Routes(__name__)


@routes.at("GET /campaigns", {200: CampaignList}, needs=Role.READER)
async def listing(request: web.Request) -> web.Response:
    """Return how far each campaign has come; a command of eclgrmd computes it."""
    async with request.app[SERVICES].database.reading() as transaction:
        names = await campaign_names(transaction)
        found = [await progress(transaction, name) for name in names]
    return answer(CampaignList(campaigns=found))


@routes.at("GET /campaigns/{campaign_id}", {200: CampaignView}, needs=Role.READER)
async def one(request: web.Request) -> web.Response:
    """Return how far a campaign has come, and which bursts failed."""
    async with request.app[SERVICES].database.reading() as transaction:
        return answer(await _view(transaction, request.match_info["campaign_id"]))


@routes.at(
    "DELETE /campaigns/{campaign_id}",
    {200: CampaignView, 409: CampaignView},
    needs=Role.OPERATOR,
)
async def cancel(request: web.Request) -> web.Response:
    """Cancel a campaign, wherever it is computed; status 409 if it has ended."""
    name = request.match_info["campaign_id"]
    async with request.app[SERVICES].database.transaction() as transaction:
        before = await _view(transaction, name)
        cancelled = await cancel_campaign(transaction, name)
        if cancelled:
            audited(
                transaction,
                request,
                "campaigns_cancel",
                name,
                before={"state": before.state},
                after={"state": CampaignState.CANCELLED},
            )
        found = await _view(transaction, name)
    return answer(found, HTTPStatus.OK if cancelled else HTTPStatus.CONFLICT)


async def _view(transaction: Transaction, name: str) -> CampaignView:
    """Return a campaign; 404 if there is none."""
    if name not in await campaign_names(transaction):
        raise unknown("campaign", name)
    asked, _ = await campaign(transaction, name)
    found = await progress(transaction, name)
    failed = list(await failures(transaction, name))
    return CampaignView(
        **msgspec.structs.asdict(found),
        folder=asked.folder,
        configurations=[each.name for each in asked.configurations],
        left_out=found.failed - len(failed),
        failed_items=failed,
    )

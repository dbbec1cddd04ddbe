"""`/dead-letters`: announcements that NATS refused for good."""

from aiohttp import web
from msgspec import convert

from eclgrmd.api.requests import answer, next_page
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.model.rest.service import DeadLetterPage, ListedDeadLetter
from eclgrmd.store.intake.dead_letters import dead_letters

__all__ = ["routes"]

routes = Routes(__name__)


@routes.at("GET /dead-letters", {200: DeadLetterPage}, needs=Role.READER, query=Numbered)
async def listing(request: web.Request, query: Numbered) -> web.Response:
    """Return a page of dead letters with their reasons."""
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await dead_letters(transaction, after=query.after, limit=query.limit)
    following = next_page(request, rows[-1].id) if len(rows) == query.limit else None
    listed = convert(rows, list[ListedDeadLetter], from_attributes=True)
    return answer(DeadLetterPage(dead_letters=listed, next=following))

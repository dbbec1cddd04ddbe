"""`/dead-letters`: announcements that NATS refused for good."""

from aiohttp import web
from msgspec.structs import asdict

from eclgrmd.store.intake.dead_letters import dead_letters

from .requests import after_id, answer, page_limit
from .services import SERVICES

__all__ = ["routes"]

routes = web.RouteTableDef()


@routes.get("/dead-letters")
async def listing(request: web.Request) -> web.Response:
    """Return a page of dead letters with their reasons."""
    limit = page_limit(request)
    async with request.app[SERVICES].database.transaction() as transaction:
        rows = await dead_letters(transaction, after=after_id(request), limit=limit)
    following = None
    if len(rows) == limit:
        following = str(request.rel_url.update_query(after=str(rows[-1].id)))
    return answer({"dead_letters": [asdict(row) for row in rows], "next": following})

"""`/tokens` and `/audit`: make, list and revoke tokens, and see who changed what."""

from datetime import timedelta
from http import HTTPStatus

from aiohttp import web
from msgspec import convert
from msgspec.structs import asdict

from eclgrmd.api.access.client import client_of
from eclgrmd.api.access.recording import audited
from eclgrmd.api.requests import answer, next_page, read_body
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.model.access import Role
from eclgrmd.model.decode import decode_json
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.model.rest.tokens import (
    AuditPage,
    ListedAudit,
    ListedToken,
    MadeToken,
    NewToken,
    TokenPage,
)
from eclgrmd.store.access import tokens as table
from eclgrmd.store.access.audit import audit as read_audit

__all__ = ["routes"]

routes = Routes(__name__, keyed=False)  # the answer has the secret, which is kept nowhere
_LONGEST = 10_000
"""Most bytes of a request for a token."""


@routes.at("POST /tokens", {201: MadeToken}, needs=Role.OPERATOR, body=NewToken)
async def make(request: web.Request) -> web.Response:
    """Make a token; it is shown only in this response."""
    services, client = request.app[SERVICES], client_of(request)
    wanted = decode_json(await read_body(request, _LONGEST), NewToken, what="token")
    lifetime = wanted.expires_days
    async with services.database.transaction() as transaction:
        made = table.add_token(
            transaction,
            name=wanted.name,
            role=Role(wanted.role),
            by=client.name,
            lifetime=None if lifetime is None else timedelta(days=lifetime),
        )
        audited(transaction, request, "tokens_make", made.id, after=asdict(wanted))
        listed = await table.token(transaction, made.id)
    view = convert(listed, ListedToken, from_attributes=True)
    return answer(MadeToken(**asdict(view), token=str(made)), HTTPStatus.CREATED)


@routes.at("GET /tokens", {200: TokenPage}, needs=Role.OPERATOR, query=Numbered)
async def listing(request: web.Request, query: Numbered) -> web.Response:
    """Return a page of tokens, without their secrets."""
    async with request.app[SERVICES].database.reading() as transaction:
        rows = await table.tokens(transaction, after=query.after, limit=query.limit)
    following = next_page(request, rows[-1].number) if len(rows) == query.limit else None
    listed = convert(rows, list[ListedToken], from_attributes=True)
    return answer(TokenPage(tokens=listed, next=following))


@routes.at("DELETE /tokens/{token_id}", {200: ListedToken}, needs=Role.OPERATOR)
async def revoke(request: web.Request) -> web.Response:
    """Revoke a token with the sessions of pages that it opened; doing so twice is harmless."""
    services, token_id = request.app[SERVICES], request.match_info["token_id"]
    async with services.database.transaction() as transaction:
        before = await table.token(transaction, token_id)
        if before is None:
            raise web.HTTPNotFound(text=f"no token {token_id!r}")
        if await table.revoke_token(transaction, token_id):
            audited(transaction, request, "tokens_revoke", token_id, before={"name": before.name})
        after = await table.token(transaction, token_id)
    services.tokens.forget()
    return answer(convert(after, ListedToken, from_attributes=True))


@routes.at("GET /audit", {200: AuditPage}, needs=Role.OPERATOR, query=Numbered)
async def audit(request: web.Request, query: Numbered) -> web.Response:
    """Return a page of the audit: who changed what, oldest first."""
    async with request.app[SERVICES].database.reading() as transaction:
        rows = await read_audit(transaction, after=query.after, limit=query.limit)
    following = next_page(request, rows[-1].id) if rows.more else None
    listed = convert(rows, list[ListedAudit], from_attributes=True)
    return answer(AuditPage(audit=listed, next=following))

"""`/login` and `/logout`: a web page exchanges a token for a cookie that scripts cannot read."""

from datetime import timedelta

from aiohttp import web

from eclgrmd.api.access.client import client_of
from eclgrmd.api.access.cookies import SESSION_COOKIE, session_of, set_session
from eclgrmd.api.access.recording import audited
from eclgrmd.api.requests import answer, read_body
from eclgrmd.api.routing.table import Answer, Routes
from eclgrmd.api.services import SERVICES
from eclgrmd.clock import utc_now
from eclgrmd.model.access import Role
from eclgrmd.model.decode import decode_json
from eclgrmd.model.rest.tokens import Login, WhoAmI
from eclgrmd.store.access.tokens import add_token, forget_sessions

__all__ = ["routes"]

routes = Routes(__name__, keyed=False)  # the answer has a cookie, which is kept nowhere
_LONGEST = 1000
"""Most bytes of a login."""
_SESSION = timedelta(hours=12)
"""Time for which a session is valid, if its token is."""
_COOKIE = ("Set-Cookie",)


@routes.at(
    "POST /login", {200: Answer(WhoAmI, _COOKIE)}, needs=Role.ANYONE, body=Login, errors=(401,)
)
async def login(request: web.Request) -> web.Response:
    """Open a session with a token: the response sets its cookie, which a browser then sends."""
    services = request.app[SERVICES]
    wanted = decode_json(await read_body(request, _LONGEST), Login, what="login")
    token = await services.tokens.find(wanted.token)
    if token is None or token.parent is not None:
        raise web.HTTPUnauthorized(text="this token is not valid: it may be expired or revoked")
    left = _SESSION if token.expires_at is None else min(token.expires_at - utc_now(), _SESSION)
    async with services.database.transaction() as transaction:
        forget_sessions(transaction)
        session = add_token(
            transaction,
            name=token.name,
            role=token.role,
            by=token.name,
            lifetime=left,
            parent=token.id,
        )
        audited(transaction, request, "sessions_login", token.id, after={"name": token.name})
    response = answer(WhoAmI(name=token.name, role=token.role))
    set_session(response, str(session), left, secure=services.settings.now.rest.is_secure)
    return response


@routes.at("GET /login", {200: WhoAmI}, needs=Role.READER)
async def who_am_i(request: web.Request) -> web.Response:
    """Return who the client is, and its role."""
    client = client_of(request)
    return answer(WhoAmI(name=client.name, role=client.role))


@routes.at("POST /logout", {204: Answer(None, _COOKIE)}, needs=Role.ANYONE)
async def logout(request: web.Request) -> web.Response:
    """End the session of the cookie; without a session nothing happens."""
    services, session = request.app[SERVICES], session_of(request)
    if session is not None and await services.tokens.find(str(session)) is not None:
        async with services.database.transaction() as transaction:
            forget_sessions(transaction, [session.id])
        services.tokens.forget()
    response = web.Response(status=204)
    response.del_cookie(SESSION_COOKIE)
    return response

"""The cookie of a session: a token of its own, which scripts cannot read."""

from datetime import timedelta

from aiohttp import hdrs, web

from eclgrmd.model.access import TokenText, read_token

__all__ = ["SESSION_COOKIE", "session_of", "set_session"]

SESSION_COOKIE = "eclgrmd"
"""Name of the cookie."""


def session_of(request: web.Request) -> TokenText | None:
    """Return the token of the session that a request belongs to; None if there is none."""
    if hdrs.COOKIE not in request.headers:  # spares nearly all requests the parsing
        return None
    return read_token(request.cookies.get(SESSION_COOKIE, ""))


def set_session(response: web.Response, session: str, lifetime: timedelta, *, secure: bool) -> None:
    """Have a browser send the token of a session, to us only and from our own pages only."""
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=secure,
    )

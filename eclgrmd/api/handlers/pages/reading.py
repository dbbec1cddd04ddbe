"""`/api`: the pages that people read about this interface. They work without other servers."""

import asyncio
import html
from http import HTTPStatus
from importlib.resources import files

from aiohttp import web

from eclgrmd.api.middleware.problems import PROBLEM_PAGE, PROBLEMS
from eclgrmd.api.routing.table import Routes
from eclgrmd.model.access import Role

__all__ = ["routes"]

routes = Routes(__name__, below="/api")

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: nothing is loaded from elsewhere. RapiDoc styles its elements inline."""
_VIEWER = files("eclgrmd.api.viewer")
_HEADERS = {"Content-Security-Policy": _POLICY}


@routes.at("GET ", {200: "text/html"}, needs=Role.ANYONE)
async def viewer(_request: web.Request) -> web.Response:
    """Return the page that shows the OpenAPI document."""
    return _page(await asyncio.to_thread(_read, "index.html"))


@routes.at("GET /login", {200: "text/html"}, needs=Role.ANYONE)
async def login_page(_request: web.Request) -> web.Response:
    """Return the page where a person logs in with a token."""
    return _page(await asyncio.to_thread(_read, "login.html"))


@routes.at("GET /login.js", {200: "text/javascript"}, needs=Role.ANYONE)
async def login_script(_request: web.Request) -> web.Response:
    """Return the script of that page."""
    return _script(await asyncio.to_thread(_read, "login.js"))


@routes.at("GET /rapidoc-min.js", {200: "text/javascript"}, needs=Role.ANYONE)
async def script(_request: web.Request) -> web.Response:
    """Return the script of that page (RapiDoc, MIT)."""
    return _script(await asyncio.to_thread(_read, "rapidoc-min.js"))


@routes.at("GET /problems", {200: "text/html"}, needs=Role.ANYONE)
async def problem_kinds(_request: web.Request) -> web.Response:
    """Return the page about the kinds of problems, to which their `type` leads."""
    rows = "".join(
        f'<h2 id="{status}">{status} {HTTPStatus(status).phrase}</h2><p>{html.escape(text)}</p>\n'
        for status, text in PROBLEMS.items()
    )
    return _page(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<title>Problems of eclgrmd</title></head><body><h1>Problems</h1>"
        f"<p>A response that is an error has the type <code>{PROBLEM_PAGE}#STATUS</code>.</p>\n"
        f"{rows}</body></html>\n".encode()
    )


def _script(body: bytes) -> web.Response:
    return web.Response(
        body=body, headers=_HEADERS, content_type="text/javascript", charset="utf-8"
    )


def _page(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=_HEADERS)


def _read(name: str) -> bytes:
    return _VIEWER.joinpath(name).read_bytes()

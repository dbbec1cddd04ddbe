"""`/` and `/page/`: the files of the web page; they contain no data, so anyone may read them."""

import asyncio
from functools import cache
from http import HTTPStatus

from aiohttp import web

from eclgrmd.api.routing.conditional import is_known
from eclgrmd.page.assets import INDEX, POLICY, Site, load_site

__all__ = ["asset", "index", "routes"]

routes = web.RouteTableDef()
_FOR_EVER = "public, max-age=31536000, immutable"
"""Caching of a file of the present version: another content has another path."""


@routes.get("/")
async def index(request: web.Request) -> web.Response:
    """Return the page."""
    return _answer(request, await _loaded(), INDEX)


@routes.get("/page/{version}/{name:.+}")
async def asset(request: web.Request) -> web.Response:
    """Return a file that the page names; a page of another version gets the present file."""
    site = await _loaded()
    response = _answer(request, site, request.match_info["name"])
    if request.match_info["version"] == site.version:
        response.headers["Cache-Control"] = _FOR_EVER
    return response


def _answer(request: web.Request, site: Site, name: str) -> web.Response:
    found = site.assets.get(name)
    if found is None:
        raise web.HTTPNotFound(text=f"the page has no file {name!r}")
    tag = f'W/"{site.version}"'
    headers = {"Content-Security-Policy": POLICY, "ETag": tag, "Vary": "Accept-Encoding"}
    if is_known(request, tag):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = found.plain
    if web.ContentCoding.gzip.value in request.headers.get("Accept-Encoding", ""):
        body = found.compressed
        headers["Content-Encoding"] = web.ContentCoding.gzip.value
    return web.Response(body=body, content_type=found.media_type, charset="utf-8", headers=headers)


async def _loaded() -> Site:
    return await asyncio.to_thread(_site)


@cache
def _site() -> Site:
    return load_site()

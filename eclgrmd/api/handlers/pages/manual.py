"""`/docs`: the documentation, which `testbench/docs` builds; anyone may read it."""

import asyncio
from pathlib import Path

from aiohttp import web

from eclgrmd import api

__all__ = ["manual", "manual_folder", "routes"]

routes = web.RouteTableDef()
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Content security policy: only files of this service. The theme has scripts and styles inline."""
_ABSENT = (
    "the documentation is not built in this checkout: `testbench/docs` builds it (the package "
    "contains it)"
)


@routes.get("/docs")
@routes.get("/docs/{name:.*}")
async def manual(request: web.Request) -> web.StreamResponse:
    """Return a page of the documentation, or a file that one needs."""
    name = request.match_info.get("name")
    if name is None:
        raise web.HTTPPermanentRedirect("/docs/")
    path = await asyncio.to_thread(_found, name)
    return web.FileResponse(path, headers={"Content-Security-Policy": _POLICY})


def manual_folder() -> Path:
    """Return the folder of the built pages, which may be missing."""
    return Path(api.__file__).with_name("manual")


def _found(name: str) -> Path:
    """Return the file of a name; 404 if there is none, 308 if the slash of a folder is missing."""
    folder = manual_folder().resolve()
    if not folder.is_dir():
        raise web.HTTPNotFound(text=_ABSENT)
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.exists():
        raise web.HTTPNotFound(text=f"the documentation has no page {name!r}")
    if path.is_file():
        return path
    if name and not name.endswith("/"):  # links of the page are relative to the folder
        raise web.HTTPPermanentRedirect(f"/docs/{name}/")
    if not (path / "index.html").is_file():
        raise web.HTTPNotFound(text=f"the documentation has no page {name!r}")
    return path / "index.html"

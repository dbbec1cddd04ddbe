"""Fetches products by their announced links and compares them with the announcement."""

import asyncio
import hashlib
import time
from pathlib import Path

import aiohttp
from msgspec import Struct

from eclgrmd.model.messages.facts import ProductLink

__all__ = ["CollectedProduct", "collect_product"]

_CHUNK = 1 << 16
"""Bytes that are read at once."""
_TRY_AGAIN_S = 0.25
"""Pause between two attempts, seconds."""


class CollectedProduct(Struct, frozen=True):
    """A product as it was received."""

    name: str
    """File name."""
    kind: str
    """Kind of product, as announced."""
    media_type: str
    """Media type, as announced."""
    path: str
    """Where it was stored. Empty: it could not be fetched."""
    problem: str
    """What was wrong. Empty: it is as announced."""


async def collect_product(
    session: aiohttp.ClientSession, product: ProductLink, folder: Path, *, limit_s: float = 60.0
) -> CollectedProduct:
    """Fetch a product into a folder and compare it with its announcement.

    The value says what was wrong; an unreachable daemon is retried within the limit.
    """
    path = folder / product.name
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + limit_s
    while True:
        try:
            problem = await _fetch(session, product, path)
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = f"not fetched: {type(error).__name__} {error}"
            if _may_pass(error) and time.monotonic() < until:
                await asyncio.sleep(_TRY_AGAIN_S)
                continue
        return CollectedProduct(
            name=product.name,
            kind=product.kind,
            media_type=product.media_type,
            path=str(path) if path.exists() else "",
            problem=problem,
        )


def _may_pass(error: Exception) -> bool:
    """Return whether the daemon may only be down or stopping."""
    return not isinstance(error, aiohttp.ClientResponseError) or error.status == 503


async def _fetch(session: aiohttp.ClientSession, product: ProductLink, path: Path) -> str:
    digest = hashlib.sha256()
    size = 0
    async with session.get(product.link) as answer:
        answer.raise_for_status()
        etag = answer.headers.get("ETag", "").strip('"')
        with path.open("wb") as file:
            async for chunk in answer.content.iter_chunked(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
    if size != product.size:
        return f"{size} bytes received, {product.size} announced"
    if digest.hexdigest() != product.sha256:
        return f"sha256 is {digest.hexdigest()}, announced was {product.sha256}"
    if etag != product.sha256:
        return f"ETag is {etag!r}, must be the sha256 {product.sha256}"
    return ""

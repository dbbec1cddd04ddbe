"""Bytes of a file by HTTP; where the connection breaks, they go on where they ended (Range)."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

__all__ = ["download"]

_CHUNK = 1 << 20
_RESUMES = 5
"""Breaks in a row, without a byte in between, after which it is given up."""
_PAUSE_S = 0.5


async def download(
    session: aiohttp.ClientSession, url: str, size: int, *, start: int = 0
) -> AsyncIterator[bytes]:
    """Give the bytes of a file of `size` bytes from `start` on.

    Raises
    ------
    aiohttp.ClientError
        When the address is none, the server refuses, cannot go on in the middle of a file, or
        breaks off again and again.
    TimeoutError
        When it is silent before the first byte.
    """
    got, breaks, tag = start, 0, ""
    while True:
        before = got
        try:
            async with session.get(url, headers=_headers(got, tag)) as response:
                response.raise_for_status()
                _check_range(response, got)
                tag = response.headers.get("ETag", "")
                async for chunk in response.content.iter_chunked(_CHUNK):
                    got += len(chunk)
                    yield chunk
        except aiohttp.ClientResponseError:
            raise
        except UnicodeError as error:  # of a host's name; aiohttp lets it through
            raise aiohttp.InvalidURL(url, str(error)) from error
        except (aiohttp.ClientError, TimeoutError):
            breaks = 1 if got > before else breaks + 1
            if got == 0 or got >= size or breaks > _RESUMES:
                raise
            await asyncio.sleep(_PAUSE_S * breaks)
        else:
            return


def _headers(got: int, tag: str) -> dict[str, str]:
    if not got:
        return {}
    part = {"Range": f"bytes={got}-"}
    # Of a file that has changed meanwhile, the whole comes, and is refused below.
    return {**part, "If-Range": tag} if tag and not tag.startswith("W/") else part


def _check_range(response: aiohttp.ClientResponse, got: int) -> None:
    told = response.headers.get("Content-Range", "")
    if got and (response.status != 206 or not told.startswith(f"bytes {got}-")):
        raise aiohttp.ClientResponseError(
            response.request_info,
            response.history,
            status=response.status,
            message=f"the server does not go on at byte {got}",
        )

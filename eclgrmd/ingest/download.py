"""Bytes of a file by HTTP; where the connection breaks, they go on where they ended (Range)."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from eclgrmd.aio.pace import Pace, SlowError

__all__ = ["CONNECT_LIMIT_S", "download"]

CONNECT_LIMIT_S = 10.0
_CHUNK = 1 << 20
_RESUMES = 5
"""Breaks in a row, without a byte in between, after which it is given up."""
_PAUSE_S = 0.5
_AS_IT_IS = {"Accept-Encoding": "identity"}
"""Size and checksum were told of the stored bytes; resumes count them, too."""


async def download(
    session: aiohttp.ClientSession,
    url: str,
    size: int,
    pace: Pace,
    *,
    silence_s: float,
    start: int = 0,
) -> AsyncIterator[bytes]:
    """Yield the bytes of a file of `size` bytes from `start` on, at most one chunk too many.

    A server may be silent for `silence_s` seconds, and no longer. The session must not decompress
    (`auto_decompress=False`).

    Raises
    ------
    aiohttp.ClientError
        When the address is none, the server refuses, cannot go on in the middle of a file, or
        breaks off again and again.
    TimeoutError
        When it is silent before the first byte, or slower than its pace over all.
    """
    got, breaks, tag = start, 0, ""
    limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT_S, sock_read=silence_s)
    while True:
        before = got
        try:
            asked = session.get(url, headers=_headers(got, tag), timeout=limit)
            async with await pace.wait(asked) as response:
                response.raise_for_status()
                _check_range(response, got)
                tag = response.headers.get("ETag", "")
                while got <= size and (chunk := await pace.wait(response.content.read(_CHUNK))):
                    got += len(chunk)
                    pace.note(len(chunk))
                    yield chunk
        except (aiohttp.ClientResponseError, SlowError):
            raise
        except UnicodeError as error:  # of a host's name; aiohttp lets it through
            raise aiohttp.InvalidURL(url, str(error)) from error
        except (aiohttp.ClientError, TimeoutError):
            breaks = 1 if got > before else breaks + 1
            if got == 0 or got >= size or breaks > _RESUMES:
                raise
            await pace.wait(asyncio.sleep(_PAUSE_S * breaks))
        else:
            return


def _headers(got: int, tag: str) -> dict[str, str]:
    if not got:
        return _AS_IT_IS
    part = {**_AS_IT_IS, "Range": f"bytes={got}-"}
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

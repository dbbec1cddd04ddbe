"""HTTP download that resumes after a broken connection (Range)."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from eclgrmd.aio.pace import Pace, SlowError
from eclgrmd.model.links import LinkPolicy

from .links import ResumeError, follow

__all__ = ["CONNECT_LIMIT_S", "download"]

CONNECT_LIMIT_S = 10.0
"""Time to connect to a server."""
_CHUNK = 1 << 20
"""Most bytes read at once."""
_RESUMES = 5
"""Broken connections in a row, without a byte in between, after which a download fails."""
_PAUSE_S = 0.5
"""First pause before a download is resumed; it grows linearly."""
_UNCOMPRESSED = {"Accept-Encoding": "identity"}
"""Size, checksum and ranges refer to the stored bytes, so the server must not compress them."""


async def download(
    session: aiohttp.ClientSession,
    policy: LinkPolicy,
    url: str,
    size: int,
    pace: Pace,
    *,
    silence_s: float,
    start: int = 0,
) -> AsyncIterator[bytes]:
    """Yield the bytes of a file; resume where a connection broke.

    Parameters
    ----------
    session
        From `links.open_session`, which does not decompress.
    policy
        What may be fetched.
    url
        Address of the file.
    size
        Expected size, bytes. If the file is longer, at most one chunk beyond it is yielded.
    pace
        Limits the time of the whole transfer.
    silence_s
        Longest time without a byte, seconds.
    start
        Number of bytes to skip.

    Raises
    ------
    LinkRefusedError
        If the policy refuses the address, or one to which the server redirects.
    aiohttp.ClientError
        If the address is invalid, the server refuses or cannot resume, or the connection breaks
        repeatedly.
    TimeoutError
        If the server is silent before the first byte, or slower than `pace` allows.
    """
    got, breaks, tag = start, 0, ""
    limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT_S, sock_read=silence_s)
    while True:
        before = got
        try:
            headers = _headers(got, tag)
            asked = follow(session, policy, url, headers=headers, timeout=limit)
            async with await pace.wait(asked) as response:
                response.raise_for_status()
                _check_range(response, got)
                tag = response.headers.get("ETag", "")
                while got <= size and (chunk := await pace.wait(response.content.read(_CHUNK))):
                    got += len(chunk)
                    pace.note(len(chunk))
                    yield chunk
        except (aiohttp.ClientResponseError, ResumeError, SlowError):
            raise
        except UnicodeError as error:  # an invalid host name, which aiohttp does not catch
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
        return _UNCOMPRESSED
    part = {**_UNCOMPRESSED, "Range": f"bytes={got}-"}
    # If the file has changed, the server sends all of it, which `_check_range` refuses.
    return {**part, "If-Range": tag} if tag and not tag.startswith("W/") else part


def _check_range(response: aiohttp.ClientResponse, got: int) -> None:
    content_range = response.headers.get("Content-Range", "")
    if got and (response.status != 206 or not content_range.startswith(f"bytes {got}-")):
        raise ResumeError(f"the server does not resume at byte {got}")

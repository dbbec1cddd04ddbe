"""Bodies of uploads, and downloads that are resumed and checked."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from eclgrmd.errors import InputError, PermanentError

from .connection import Connection, Maker
from .errors import RefusedError

__all__ = ["Progress", "checksum", "download", "no_progress", "save", "sending"]

Progress = Callable[[int, int], None]
"""Called with the number of bytes transferred so far, and with the size."""

_CHUNK = 1 << 20
"""Bytes that are read or written at a time."""
_DIGITS = 64
"""Hexadecimal digits of a checksum."""


def no_progress(_done: int, _size: int) -> None:
    """Discard the progress of a transfer."""


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def sending(path: Path, progress: Progress) -> Maker:
    """Return a function that makes the options of a request with a file as its body."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        done = 0
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
                done += len(chunk)
                progress(done, size)

    async def make() -> dict[str, Any]:
        size = (await asyncio.to_thread(path.stat)).st_size
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        return {"data": chunks(size), "headers": headers}

    return make


async def download(connection: Connection, where: str, path: Path, progress: Progress) -> None:
    """Download a file, continue an interrupted download, and verify the checksum.

    What was received so far is in a file with the suffix `.part`. The entity tag is the checksum.

    Raises
    ------
    PermanentError
        If the content does not have the checksum that the daemon states; it is removed.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        tag = await _receive(connection, where, part, progress)
    except RefusedError as error:
        if error.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        # The part is as long as the file or longer.
        await asyncio.to_thread(part.unlink)
        tag = await _receive(connection, where, part, progress)
    found = await asyncio.to_thread(checksum, part)
    if len(tag) == _DIGITS and found != tag:
        await asyncio.to_thread(part.unlink)
        raise PermanentError(
            f"{path.name}: the content that came has the checksum {found}, not {tag}: removed"
        )
    await asyncio.to_thread(part.replace, path)


async def save(connection: Connection, where: str, path: Path) -> Mapping[str, str]:
    """Download what is made for this request, from its begin; return the headers."""
    part = path.with_name(f"{path.name}.part")

    async def make() -> dict[str, Any]:
        return {}

    async with connection.response("GET", where, make) as response:
        with await asyncio.to_thread(part.open, "wb") as file:
            async for chunk in response.content.iter_chunked(_CHUNK):
                await asyncio.to_thread(file.write, chunk)
        headers = response.headers
    await asyncio.to_thread(part.replace, path)
    return headers


async def _receive(connection: Connection, where: str, part: Path, progress: Progress) -> str:
    """Append to a file what is missing; return the entity tag without quotes."""

    async def make() -> dict[str, Any]:
        have = await asyncio.to_thread(_size, part)
        return {"headers": {"Range": f"bytes={have}-"} if have else {}}

    async with connection.response("GET", where, make) as response:
        again = response.status == HTTPStatus.PARTIAL_CONTENT
        with await asyncio.to_thread(part.open, "ab" if again else "wb") as file:
            done = file.tell()
            size = done + (response.content_length or 0)
            async for chunk in response.content.iter_chunked(_CHUNK):
                await asyncio.to_thread(file.write, chunk)
                done += len(chunk)
                progress(done, size)
        return response.headers.get("ETag", "").strip('"')


def _size(path: Path) -> int:
    """Return the size of a file, bytes; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0

"""Client of the mission database: lists the files of a burst and fetches them.

The interface is our own definition, since the mission's is not public: `GET
<url>/files?burst_id=&start=&stop=` (ISO-8601 UTC, if the time of the burst is known) returns
`{"files": [{"name", "url", "size", "sha256"}], "trigger_utc": ...}`, with links as in a data
notification.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import aiohttp
from msgspec import Struct
from yarl import URL

from eclgrmd.aio.pace import Pace
from eclgrmd.errors import InputError, TransientError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.links import LinkPolicy
from eclgrmd.model.messages.incoming import FileLink, UtcTime
from eclgrmd.model.mission_time import read_utc
from eclgrmd.settings.daemon import MdbSettings
from eclgrmd.settings.load import read_secret

from .download import CONNECT_LIMIT_S, download
from .links import described, follow, open_session

__all__ = ["MdbAnswer", "MissionDatabase"]

_MOST_BYTES = 8_000_000
"""Longest response that is read, bytes: some 20,000 files."""
_LEAST_BYTES_S = 20_000.0
"""Slowest accepted rate of a file; the default of `tasks.fetch_least_bytes_s`."""


class MdbAnswer(Struct, frozen=True):
    """Response of the mission database to a query for a burst."""

    files: tuple[FileLink, ...]
    """Links to all files of the burst."""
    trigger_utc: UtcTime | None = None
    """Trigger time, ISO-8601 UTC; None: unknown there."""


class MissionDatabase:
    """Queries the mission database and fetches its files by HTTP."""

    def __init__(
        self, session: aiohttp.ClientSession, policy: LinkPolicy, settings: MdbSettings
    ) -> None:
        self._session = session
        self._policy = policy
        self._settings = settings

    @classmethod
    def session(
        cls, policy: Callable[[], LinkPolicy], settings: MdbSettings
    ) -> aiohttp.ClientSession:
        """Open a session with the login of the settings.

        Raises
        ------
        FatalError
            If the file with the token cannot be read.
        """
        token = read_secret(settings.token_file, key="mdb.token_file")
        login = (_login(token, settings.url),) if token else ()
        return open_session(policy, timeout=_limits(settings), middlewares=login)

    async def files_of(self, burst_id: str, trigger_utc: str = "") -> MdbAnswer:
        """Query the files of a burst, within `mdb.around_s` of its time if that is known.

        Parameters
        ----------
        burst_id
            The burst.
        trigger_utc
            Its trigger time, ISO-8601 UTC; empty: unknown.

        Raises
        ------
        TransientError
            If the mission database does not answer, or reports an error.
        InputError
            If the response is malformed, `trigger_utc` is not a time, or the database redirects to
            where nothing may be fetched from.
        """
        asked = {"burst_id": burst_id, **self._range(trigger_utc)}
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                await follow(
                    self._session,
                    self._policy,
                    f"{self._settings.url}/files",
                    query=asked,
                    headers={"Accept-Encoding": "identity"},
                    timeout=_limits(self._settings),
                ) as answer,
            ):
                answer.raise_for_status()
                text = await _bounded(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TransientError(
                f"the mission database does not answer: {described(error)}"
            ) from error
        found: MdbAnswer = await asyncio.to_thread(
            decode_json, text, MdbAnswer, what="answer of the mission database"
        )
        return found

    async def fetch(self, link: FileLink, folder: Path) -> Path:
        """Fetch a file into a folder, and return its path; resume an earlier interrupted fetch.

        Raises
        ------
        InputError
            If the file has another size or checksum than announced.
        TransientError
            If the transfer fails.
        """
        path = folder / link.name
        if path.exists() and await asyncio.to_thread(_sha256, path) == link.sha256:
            return path
        part = folder / f"{link.name}.part"
        start = part.stat().st_size if part.exists() else 0
        try:
            with part.open("ab") as file:
                if start < link.size:
                    await self._append(file, link, start)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TransientError(f"{link.name}: {described(error)}") from error
        found = await asyncio.to_thread(_sha256, part)
        if found != link.sha256:
            part.unlink()
            raise InputError(f"{link.name}: sha256 is {found}, {link.sha256} was announced")
        return part.rename(path)

    async def _append(self, file: BinaryIO, link: FileLink, start: int) -> None:
        size, pace = start, Pace(self._settings.timeout_s, _LEAST_BYTES_S)
        async for chunk in download(
            self._session,
            self._policy,
            link.url,
            link.size,
            pace,
            silence_s=self._settings.timeout_s,
            start=start,
        ):
            size += len(chunk)
            if size > link.size:
                file.truncate(0)
                raise InputError(
                    f"{link.name}: longer than the {link.size} bytes that were announced"
                )
            await asyncio.to_thread(file.write, chunk)

    def _range(self, trigger_utc: str) -> dict[str, str]:
        if not trigger_utc:
            return {}
        at, around = read_utc(trigger_utc), timedelta(seconds=self._settings.around_s)
        try:
            asked = {"start": at - around, "stop": at + around}
        except OverflowError as error:
            raise InputError(
                f"trigger_utc = {trigger_utc}: too close to year 1 or 9999 for a query around it"
            ) from error
        return {
            key: f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
            for key, moment in asked.items()
        }


def _login(token: str, url: str) -> aiohttp.ClientMiddlewareType:
    """Return a middleware that sends the token to the mission database, and to no other host."""
    own = URL(url).origin()

    async def show(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if request.url.origin() == own:
            request.headers["Authorization"] = f"Bearer {token}"
        return await handler(request)

    return show


def _limits(settings: MdbSettings) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, sock_connect=CONNECT_LIMIT_S, sock_read=settings.timeout_s
    )


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    """Read a response of limited size."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise InputError("answer of the mission database: has a Content-Encoding, must have none")
    text = bytearray()
    while chunk := await answer.content.read(65536):
        text += chunk
        if len(text) > _MOST_BYTES:
            raise InputError(f"answer of the mission database: more than {_MOST_BYTES} bytes")
    return bytes(text)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

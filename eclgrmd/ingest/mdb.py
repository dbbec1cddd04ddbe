"""The mission database: which files of a burst there are, and the files themselves.

The interface is ours, since the mission's is not public: `GET <url>/files?burst_id=&start=&stop=`
(ISO-8601 UTC, where the burst's time is known) answers `{"files": [{"name", "url", "size",
"sha256"}], "trigger_utc": ...}`, links as in a data notification.
"""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import aiohttp
from msgspec import Struct

from eclgrmd.config import MdbSettings, read_secret
from eclgrmd.errors import InputError, TransientError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages import FileLink, UtcTime
from eclgrmd.model.mission_time import read_utc

from .download import download

__all__ = ["MdbAnswer", "MissionDatabase"]


class MdbAnswer(Struct, frozen=True):
    """What the mission database has of a burst."""

    files: tuple[FileLink, ...]
    trigger_utc: UtcTime | None = None


class MissionDatabase:
    """Asks and fetches by HTTP."""

    def __init__(self, session: aiohttp.ClientSession, settings: MdbSettings) -> None:
        self._session = session
        self._settings = settings

    @classmethod
    def session(cls, settings: MdbSettings) -> aiohttp.ClientSession:
        """Open a session with the login that the settings name.

        Raises
        ------
        FatalError
            When the file with the token cannot be read.
        """
        token = read_secret(settings.token_file, key="mdb.token_file")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limit = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=settings.timeout_s)
        return aiohttp.ClientSession(timeout=limit, headers=headers)

    async def files_of(self, burst_id: str, trigger_utc: str = "") -> MdbAnswer:
        """Ask for the files of a burst, around its time where that is known.

        Raises
        ------
        TransientError
            When the mission database does not answer, or with a fault of its own.
        InputError
            When its answer is none, or the burst's time.
        """
        asked = {"burst_id": burst_id, **self._range(trigger_utc)}
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._session.get(f"{self._settings.url}/files", params=asked) as answer,
            ):
                answer.raise_for_status()
                text = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = f"{type(error).__name__} {error}"
            raise TransientError(f"the mission database does not answer: {reason}") from error
        found: MdbAnswer = decode_json(text, MdbAnswer, what="answer of the mission database")
        return found

    async def fetch(self, link: FileLink, folder: Path) -> Path:
        """Fetch a file into a folder; what a broken fetch has left there is gone on with.

        Raises
        ------
        InputError
            When what came is not what was told: other size or checksum.
        TransientError
            When the server breaks off.
        """
        path = folder / link.name
        if path.exists() and await asyncio.to_thread(_sha256, path) == link.sha256:
            return path
        part = folder / f"{link.name}.part"
        start = part.stat().st_size if part.exists() else 0
        try:
            with part.open("ab") as file:
                if start < link.size:
                    async for chunk in download(self._session, link.url, link.size, start=start):
                        await asyncio.to_thread(file.write, chunk)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TransientError(f"{link.name}: {type(error).__name__} {error}") from error
        found = await asyncio.to_thread(_sha256, part)
        if found != link.sha256:
            part.unlink()
            raise InputError(f"{link.name}: sha256 is {found}, {link.sha256} was told")
        return part.rename(path)

    def _range(self, trigger_utc: str) -> dict[str, str]:
        if not trigger_utc:
            return {}
        at, around = read_utc(trigger_utc), timedelta(seconds=self._settings.around_s)
        try:
            asked = {"start": at - around, "stop": at + around}
        except OverflowError as error:
            raise InputError(f"{trigger_utc}: no time at which there was a burst") from error
        return {
            key: f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
            for key, moment in asked.items()
        }


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

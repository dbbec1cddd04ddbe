"""Calls about bursts and their data files."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import UNSET

from eclgrmd.model.circular import CircularComparison
from eclgrmd.model.names import path_part
from eclgrmd.model.rest import API
from eclgrmd.model.rest.bursts import Burst, BurstPage, ListedBurst
from eclgrmd.model.rest.circulars import CircularWanted
from eclgrmd.model.rest.data import DataFile, DataPage
from eclgrmd.model.rest.preview import Preview, PreviewWanted
from eclgrmd.model.rest.queries import BurstQuery, DataQuery

from .calls import Calls
from .retraction import retraction
from .transfers import Progress, checksum, no_progress, sending

__all__ = ["BurstCalls"]

_ALL = BurstQuery()


class BurstCalls(Calls):
    """Calls about bursts and their data files."""

    async def bursts(self, query: BurstQuery = _ALL) -> AsyncIterator[ListedBurst]:
        """Yield the bursts that a query asks for, in its order."""
        async for page in self.pages(BurstPage, f"{API}/bursts", query):
            for burst in page.bursts:
                yield burst

    async def burst(self, burst_id: str) -> Burst:
        """Return a burst with its data, tasks and products."""
        return await self.connection.ask(Burst, "GET", f"{API}/bursts/{path_part(burst_id)}")

    async def preview(
        self, burst_id: str, changes: Mapping[str, Any] | None = None, *, task_id: str = ""
    ) -> Preview:
        """Return what a re-run with changed keys would find; nothing is stored.

        Parameters
        ----------
        burst_id
            The burst.
        changes
            Changes of a task's keys (JSON merge patch); None removes a key.
        task_id
            The task; empty: the main one of the burst, which is the result of record, or else the
            last analysis of the whole burst, or else the last one.
        """
        body = PreviewWanted(configuration=dict(changes or {}), task=task_id or None)
        path = f"{API}/bursts/{path_part(burst_id)}/preview"
        return await self.connection.ask(Preview, "POST", path, body=body)

    async def compare_circular(
        self, burst_id: str, text: str, *, task_id: str = ""
    ) -> CircularComparison:
        """Return a circular of another mission beside a result of a burst.

        Parameters
        ----------
        burst_id
            The burst.
        text
            The text of the circular.
        task_id
            Task whose result it is set beside; empty: the main one, see `preview`.
        """
        body = CircularWanted(text=text, task=task_id or None)
        path = f"{API}/bursts/{path_part(burst_id)}/compare-circular"
        return await self.connection.ask(CircularComparison, "POST", path, body=body)

    async def fetch(self, burst_id: str) -> None:
        """Have the daemon query the mission database for the files of a burst."""
        path = f"{API}/bursts/{path_part(burst_id)}/fetch"
        await self.connection.ask(dict[str, Any], "POST", path)

    async def retract(self, burst_id: str, reason: str = "") -> None:
        """Withdraw a burst by a notice; a later notice of the mission revives it."""
        notice = retraction(burst_id, reason)

        async def make() -> dict[str, Any]:
            return {"data": notice, "headers": {"Content-Type": "application/xml"}}

        await self.connection.ask(dict[str, Any], "POST", f"{API}/notice", make=make)

    async def data(self, burst_id: str = "") -> AsyncIterator[DataFile]:
        """Yield all data files, or those of one burst."""
        query = DataQuery(burst_id=burst_id or UNSET)
        async for page in self.pages(DataPage, f"{API}/data", query):
            for file in page.data:
                yield file

    async def upload(
        self, burst_id: str, path: str | Path, *, name: str = "", progress: Progress = no_progress
    ) -> DataFile:
        """Upload a data file of a burst, and have its checksum verified.

        A file that the daemon has already is not sent again.

        Parameters
        ----------
        burst_id
            The burst.
        path
            The file.
        name
            Name under which the daemon stores it; empty: its own.
        progress
            Called with the number of bytes sent and the size.
        """
        path = Path(path)
        name = name or path.name
        sha256 = await asyncio.to_thread(checksum, path)
        async for file in self.data(burst_id):
            here = file.state == "accepted" and file.cleaned_at is None
            if here and (file.name, file.sha256) == (name, sha256):
                progress(file.size, file.size)
                return file
        query = (("burst_id", burst_id), ("name", name), ("sha256", sha256))
        return await self.connection.ask(
            DataFile, "POST", f"{API}/data", query=query, make=sending(path, progress)
        )

"""The asynchronous client, with the description of all calls."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from eclgrmd.model.comparison import Comparison
from eclgrmd.model.messages.founding import ServiceMessage
from eclgrmd.model.messages.incoming import RerunChanges, TaskInput, TaskRequest
from eclgrmd.model.names import path_part
from eclgrmd.model.rest import API
from eclgrmd.model.rest.bursts import Burst, BurstPage, ListedBurst
from eclgrmd.model.rest.data import DataFile, DataPage
from eclgrmd.model.rest.products import Product, ProductPage
from eclgrmd.model.rest.service import Ready
from eclgrmd.model.rest.tasks import (
    ExplainedConfiguration,
    ListedTask,
    RerunTask,
    Task,
    TaskLog,
    TaskPage,
)
from eclgrmd.model.task import FINAL_STATES, TaskType

from .connection import Connection
from .naming import named_by_content
from .retraction import retraction
from .transfers import Progress, checksum, download, no_progress, sending

__all__ = ["AsyncClient"]

Page = TypeVar("Page", BurstPage, DataPage, ProductPage, TaskPage)

Analysis = TaskType | Literal["temporal", "spectral", "burst"]
"""What to compute."""

_POLL_S = 0.5
"""Time between two looks at a task that is followed, seconds."""


class AsyncClient:
    """Calls of a running daemon.

    Every call raises `RefusedError` if the daemon refuses it, and `UnavailableError` if the daemon
    does not respond, or cannot handle it in time. Every call can be repeated safely.

    Parameters
    ----------
    url
        REST address of the daemon.
    retry_s
        Time for which a call is repeated while the daemon responds with 429 or 503, seconds.
    reconnect_s
        Time for which a call is repeated while the daemon cannot be reached, seconds.
    """

    def __init__(self, url: str, *, retry_s: float = 30.0, reconnect_s: float = 0.0) -> None:
        self._connection = Connection(url, retry_s=retry_s, reconnect_s=reconnect_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()

    async def status(self) -> ServiceMessage:
        """Return the service's status message."""
        return await self._connection.ask(ServiceMessage, "GET", f"{API}/status")

    async def health(self) -> Ready:
        """Return the state of every dependency of the daemon."""
        return await self._connection.ask(Ready, "GET", "/health/ready", accept=503)

    async def bursts(self) -> AsyncIterator[ListedBurst]:
        """Yield all bursts."""
        async for page in self._pages(BurstPage, f"{API}/bursts"):
            for burst in page.bursts:
                yield burst

    async def burst(self, burst_id: str) -> Burst:
        """Return a burst with its data, tasks and products."""
        return await self._connection.ask(Burst, "GET", f"{API}/bursts/{path_part(burst_id)}")

    async def fetch(self, burst_id: str) -> None:
        """Have the daemon query the mission database for the files of a burst."""
        path = f"{API}/bursts/{path_part(burst_id)}/fetch"
        await self._connection.ask(dict[str, Any], "POST", path)

    async def retract(self, burst_id: str, reason: str = "") -> None:
        """Withdraw a burst by a notice; a later notice of the mission revives it."""
        notice = retraction(burst_id, reason)

        async def make() -> dict[str, Any]:
            return {"data": notice}

        await self._connection.ask(dict[str, Any], "POST", f"{API}/notice", make=make)

    async def data(self, burst_id: str = "") -> AsyncIterator[DataFile]:
        """Yield all data files, or those of one burst."""
        async for page in self._pages(DataPage, f"{API}/data", burst_id=burst_id):
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
        return await self._connection.ask(
            DataFile, "POST", f"{API}/data", query=query, make=sending(path, progress)
        )

    async def tasks(self, *, burst_id: str = "", state: str = "") -> AsyncIterator[ListedTask]:
        """Yield all tasks, or those of one burst or in one state, by time of creation."""
        query = {"burst_id": burst_id, "state": state}
        async for page in self._pages(TaskPage, f"{API}/task", **query):
            for task in page.tasks:
                yield task

    async def task(self, task_id: str) -> Task:
        """Return a task with its state changes and products."""
        return await self._connection.ask(Task, "GET", _task(task_id))

    async def submit(
        self,
        burst_id: str,
        inputs: Iterable[str],
        *,
        analysis: Analysis = "burst",
        configuration: Mapping[str, Any] | None = None,
        task_id: str = "",
    ) -> Task:
        """Submit a task.

        Parameters
        ----------
        burst_id
            The burst.
        inputs
            Names of the data files. The task waits until all of them have arrived.
        analysis
            What to compute.
        configuration
            Keys that differ from the daemon's configuration.
        task_id
            Id of the task; empty: made from burst, inputs, analysis and configuration, so that the
            same task is not computed twice.
        """
        request = TaskRequest(
            id=task_id,
            burst_id=burst_id,
            inputs=tuple(map(TaskInput, inputs)),
            analysis=TaskType(analysis),
            configuration=dict(configuration or {}),
        )
        return await self.send_task(request if task_id else named_by_content(request))

    async def send_task(self, request: TaskRequest) -> Task:
        """Submit a task as it is."""
        return await self._connection.ask(Task, "POST", f"{API}/task", body=request)

    async def rerun(
        self,
        task_id: str,
        changes: Mapping[str, Any] | None = None,
        *,
        analysis: Analysis | None = None,
        new_id: str | None = None,
    ) -> RerunTask:
        """Repeat a task with changed keys; steps that these do not touch are reused.

        Parameters
        ----------
        task_id
            The task to repeat.
        changes
            Changes of its own keys (JSON merge patch); None removes a key.
        analysis
            What to compute; None: as before.
        new_id
            Id of the new task; None: derived from the old id and the changes.
        """
        body = RerunChanges(
            configuration=dict(changes or {}),
            analysis=None if analysis is None else TaskType(analysis),
            id=new_id,
        )
        return await self._connection.ask(RerunTask, "POST", _task(task_id, "/rerun"), body=body)

    async def cancel(self, task_id: str) -> Task:
        """Cancel a task that has not ended."""
        return await self._connection.ask(Task, "DELETE", _task(task_id))

    async def follow(self, task_id: str) -> AsyncIterator[Task]:
        """Yield a task now, and after each change of its state, until it has ended."""
        seen = 0
        while True:
            task = await self.task(task_id)
            if len(task.changes) > seen:
                seen = len(task.changes)
                yield task
            if task.state in FINAL_STATES:
                return
            await asyncio.sleep(_POLL_S)

    async def wait(self, task_id: str) -> Task:
        """Return a task once it has ended."""
        while True:
            task = await self.task(task_id)
            if task.state in FINAL_STATES:
                return task
            await asyncio.sleep(_POLL_S)

    async def configuration(self, task_id: str) -> ExplainedConfiguration:
        """Return the full configuration of a task, and the layer that each value comes from."""
        return await self._connection.ask(
            ExplainedConfiguration, "GET", _task(task_id, "/configuration")
        )

    async def compare(self, before: str, after: str) -> Comparison:
        """Return what changed between two tasks of a burst."""
        query = (("task", before), ("task", after))
        return await self._connection.ask(Comparison, "GET", f"{API}/compare", query=query)

    async def logs(self, task_id: str) -> list[dict[str, Any]]:
        """Return the log of a task: its state changes and the lines of its workers, by time."""
        found = await self._connection.ask(TaskLog, "GET", _task(task_id, "/logs"))
        return found.lines

    async def follow_logs(self, task_id: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the log of a task line by line until it has ended."""
        seen: list[dict[str, Any]] = []
        while True:
            task = await self.task(task_id)
            lines = await self.logs(task_id)
            for line in lines:
                if line not in seen:
                    seen.append(line)
                    yield line
            if task.state in FINAL_STATES:
                return
            await asyncio.sleep(_POLL_S)

    async def products(self, *, burst_id: str = "", task_id: str = "") -> AsyncIterator[Product]:
        """Yield the products of a burst or a task."""
        query = {"burst_id": burst_id, "task_id": task_id}
        async for page in self._pages(ProductPage, f"{API}/products", **query):
            for product in page.products:
                yield product

    async def download(
        self, task_id: str, name: str, path: str | Path, *, progress: Progress = no_progress
    ) -> Path:
        """Download a product and verify its checksum; an interrupted download is resumed.

        Parameters
        ----------
        task_id
            Task that produced it.
        name
            Name of the product. A figure is waited for.
        path
            New file, or an existing folder for it.
        progress
            Called with the number of bytes received and the size.

        Returns
        -------
        Path
            The file.
        """
        path = Path(path)
        path = path / name if await asyncio.to_thread(path.is_dir) else path
        where = f"{API}/products/{path_part(task_id)}/{path_part(name)}"
        await download(self._connection, where, path, progress)
        return path

    async def _pages(self, kind: type[Page], path: str, **query: str) -> AsyncIterator[Page]:
        wanted = [(key, value) for key, value in query.items() if value]
        page = await self._connection.ask(kind, "GET", path, query=wanted)
        yield page
        while page.next:
            page = await self._connection.ask(kind, "GET", page.next)
            yield page


def _task(task_id: str, rest: str = "") -> str:
    return f"{API}/task/{path_part(task_id)}{rest}"

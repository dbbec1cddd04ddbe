"""Calls about tasks."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Literal

from eclgrmd.model.comparison import Comparison
from eclgrmd.model.messages.incoming import RerunChanges, TaskInput, TaskRequest
from eclgrmd.model.names import path_part
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.model.rest.tasks import (
    ExplainedConfiguration,
    ListedTask,
    RerunTask,
    Task,
    TaskLog,
    TaskPage,
)
from eclgrmd.model.task import FINAL_STATES, TaskState, TaskType

from .calls import Calls
from .naming import named_by_content

__all__ = ["TaskCalls"]

Analysis = TaskType | Literal["temporal", "spectral", "burst"]
"""What to compute."""
_ALL = TaskQuery()
_POLL_S = 0.5
"""Time between two looks at a task that is followed, seconds."""


class TaskCalls(Calls):
    """Calls about tasks."""

    async def tasks(self, query: TaskQuery = _ALL) -> AsyncIterator[ListedTask]:
        """Yield the tasks that a query asks for, in its order."""
        async for page in self.pages(TaskPage, f"{API}/task", query):
            for task in page.tasks:
                yield task

    async def task(self, task_id: str) -> Task:
        """Return a task with its state changes and products."""
        return await self.connection.ask(Task, "GET", _task(task_id))

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
        return await self.connection.ask(Task, "POST", f"{API}/task", body=request)

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
        return await self.connection.ask(RerunTask, "POST", _task(task_id, "/rerun"), body=body)

    async def cancel(self, task_id: str) -> Task:
        """Cancel a task that has not ended."""
        return await self.connection.ask(Task, "DELETE", _task(task_id))

    async def follow(self, task_id: str) -> AsyncIterator[Task]:
        """Yield a task now, and after each change of its state, until it has ended."""
        seen: tuple[int, TaskState] | None = None
        while True:
            task = await self.task(task_id)
            # The daemon reads both one after the other: a change may come before its state.
            if (now := (len(task.changes), task.state)) != seen:
                seen = now
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
        return await self.connection.ask(
            ExplainedConfiguration, "GET", _task(task_id, "/configuration")
        )

    async def compare(self, before: str, after: str) -> Comparison:
        """Return what changed between two tasks of a burst."""
        query = (("task", before), ("task", after))
        return await self.connection.ask(Comparison, "GET", f"{API}/compare", query=query)

    async def logs(self, task_id: str) -> list[dict[str, Any]]:
        """Return the log of a task: its state changes and the lines of its workers, by time."""
        found = await self.connection.ask(TaskLog, "GET", _task(task_id, "/logs"))
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


def _task(task_id: str, rest: str = "") -> str:
    return f"{API}/task/{path_part(task_id)}{rest}"

"""Sends bursts as clients do: repeatedly until acknowledged, and sometimes more than once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec

from eclgrmd.bus import Bus
from eclgrmd.errors import TransientError
from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_task

from .bursts import Burst, InputFile
from .file_server import FileServer
from .tally import Tally

__all__ = ["Sender"]

_LIMIT_S = 10.0
"""Longest wait for an acknowledgement before the next attempt, seconds."""
_PAUSE_S = 0.2
"""Pause before the next attempt, seconds."""
_DUPLICATED = 0.4
"""Probability that a message is sent twice."""
_TROUBLES = (aiohttp.ClientError, TimeoutError, OSError, TransientError)
Send = Callable[[], Awaitable[None]]


class _RefusedForNowError(TransientError):
    """Raised when the daemon asks to try again later."""


class Sender:
    """Sends bursts and records what was acknowledged.

    Parameters
    ----------
    seed
        Seed of the order of messages, and of the choice of tasks with figures.
    daemons
        The running daemons; each message goes to any of them.
    bus, http
        Connections to NATS, and to REST.
    files
        The server from which the daemons download.
    tally
        Where everything acknowledged is recorded.
    drawn
        Probability that a task has figures, which take seconds where a tiny analysis takes
        milliseconds.
    """

    def __init__(
        self,
        seed: int,
        daemons: list[DaemonProcess],
        bus: Bus,
        files: FileServer,
        http: aiohttp.ClientSession,
        tally: Tally,
        *,
        drawn: float,
    ) -> None:
        self._seed = seed
        self._drawn = drawn
        self._daemons = daemons
        self._bus = bus
        self._files = files
        self._http = http
        self._tally = tally

    async def send(self, burst: Burst) -> None:
        """Send all messages of a burst in random order, some twice, until all are acknowledged."""
        chance = random.Random(f"{self._seed}-{burst.burst_id}-orders")
        in_order = self._messages(burst)
        messages = list(in_order)
        chance.shuffle(messages)
        self._tally.disturbances["message out of order"] += sum(
            one is not other for one, other in zip(in_order, messages, strict=True)
        )
        for message in messages:
            await _until_acknowledged(message)
            if chance.random() < _DUPLICATED:
                self._tally.disturbances["message sent twice"] += 1
                await _until_acknowledged(message)
        self._tally.bursts += 1

    def _messages(self, burst: Burst) -> list[Send]:
        announced = [file for file in burst.files if not file.uploaded]
        return [
            *([partial(self._announce, burst.burst_id, announced)] if announced else []),
            *(partial(self._upload, burst.burst_id, file) for file in burst.files if file.uploaded),
            *(partial(self._ask, burst, task_id) for task_id in burst.task_ids),
        ]

    async def _announce(self, burst_id: str, files: list[InputFile]) -> None:
        links = [
            {
                "name": file.name,
                "url": self._files.offer(burst_id, file.name, file.content),
                "size": len(file.content),
                "sha256": file.sha256,
            }
            for file in files
        ]
        await self._publish({"type": "data", "id": burst_id, "burst_id": burst_id, "files": links})
        for file in files:
            self._tally.acknowledged_files[burst_id, file.name] = file.sha256

    async def _upload(self, burst_id: str, file: InputFile) -> None:
        query = {"burst_id": burst_id, "name": file.name, "sha256": file.sha256}
        await self._post("/api/v1/data", params=query, data=file.content)
        self._tally.acknowledged_files[burst_id, file.name] = file.sha256

    async def _ask(self, burst: Burst, task_id: str) -> None:
        inputs = [{"name": file.name} for file in burst.files]
        figures = random.Random(f"{self._seed}-{task_id}-figures").random() < self._drawn
        task = tiny_task(task_id, burst.burst_id, inputs, figures=figures)
        if task_id in burst.by_rest:
            await self._post("/api/v1/task", json=task)
        else:
            await self._publish(task)
        self._tally.acknowledged_tasks.add(task_id)

    async def _publish(self, message: dict[str, Any]) -> None:
        # A new message id each time: recognising duplicates is the daemon's work.
        await self._bus.publish("data.bandx", msgspec.json.encode(message), uuid4().hex)

    async def _post(self, path: str, **request: Any) -> None:
        at = random.choice(self._daemons).endpoints()
        if at is None:
            raise _RefusedForNowError("the daemon is down")
        async with self._http.post(at.rest + path, **request) as answer:
            text = await answer.text()
            if answer.status in {429, 500, 503, 507}:
                raise _RefusedForNowError(text)
            if answer.status not in {200, 201}:
                raise AssertionError(f"POST {path} was answered {answer.status}: {text}")


async def _until_acknowledged(send: Send) -> None:
    while True:
        try:
            async with asyncio.timeout(_LIMIT_S):
                await send()
        except _TROUBLES:
            await asyncio.sleep(_PAUSE_S)
        else:
            return

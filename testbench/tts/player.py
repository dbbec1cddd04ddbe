"""Plays test sequences: sends data and tasks, waits for announcements, fetches products."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import msgspec

from eclgrmd.client import RefusedError, UnavailableError
from eclgrmd.model.messages.founding import DataActivity
from eclgrmd.model.messages.incoming import DataNotification, TaskRequest
from eclgrmd.model.task import TaskState

from .address import Address
from .catalogue import Catalogue, CatalogueBurst, CatalogueFile
from .clients import ClientError, NatsClient, RestClient
from .collect import CollectedProduct, collect_product
from .sequence import (
    Door,
    FileRecord,
    SequenceRequest,
    SequenceState,
    SequenceView,
    TaskRecord,
    other,
    tagged,
)
from .watch import ActivityWatch

__all__ = ["Player", "Sequence"]


@dataclass(slots=True)
class Sequence:
    """A sequence while it is being played."""

    id: str
    """Number of the sequence."""
    request: SequenceRequest
    """What to send."""
    bursts: tuple[CatalogueBurst, ...]
    """Bursts to send, in order."""
    state: SequenceState = "running"
    """`running` until all is over."""
    reason: str = ""
    """Why it failed. Empty: it did not."""
    finished: list[str] = field(default_factory=list)
    """Ids of bursts whose tasks have all ended."""
    files: list[FileRecord] = field(default_factory=list)
    """One record for each file whose result is known."""
    tasks: list[TaskRecord] = field(default_factory=list)
    """One record for each task that has ended."""

    def view(self) -> SequenceView:
        """Return its current state for clients."""
        return SequenceView(
            id=self.id,
            state=self.state,
            reason=self.reason,
            bursts=tuple(b.burst_id for b in self.bursts),
            finished=tuple(self.finished),
            files=tuple(self.files),
            tasks=tuple(self.tasks),
        )


@dataclass(frozen=True, slots=True)
class _Sent:
    """A task that was sent."""

    task: TaskRequest
    door: Door
    times: int
    at: float


class Player:
    """Plays sequences against one daemon."""

    def __init__(
        self,
        catalogue: Catalogue,
        address: Address,
        watch: ActivityWatch,
        session: aiohttp.ClientSession,
        rest: RestClient,
        *,
        data_url: str,
        output: Path,
    ) -> None:
        self._catalogue = catalogue
        self._watch = watch
        self._session = session
        self._rest = rest
        self._nats = NatsClient(address)
        self._data_url = data_url
        self._output = output

    async def play(self, sequence: Sequence) -> None:
        """Play a sequence to its end; errors go into its record."""
        slots = asyncio.Semaphore(sequence.request.at_once)
        try:
            async with asyncio.TaskGroup() as group:
                for number, burst in enumerate(sequence.bursts):
                    group.create_task(
                        self._burst(sequence, burst, number, slots),
                        name=f"sequence {sequence.id}, burst {burst.burst_id}",
                    )
        except* (ClientError, RefusedError, UnavailableError) as errors:
            sequence.reason = "; ".join(_texts(errors))
        sequence.state = "failed" if sequence.reason else "done"

    async def _burst(
        self, sequence: Sequence, burst: CatalogueBurst, number: int, slots: asyncio.Semaphore
    ) -> None:
        """Send the data and tasks of a burst and wait until they are done.

        Every other burst sends its tasks first; these then wait for their data.
        """
        request = sequence.request
        doors = _doors(request, number)
        data_first = number % 2 == 0
        async with slots:
            if request.data and data_first:
                await self._send_data(sequence, burst, doors)
            sent = await self._send_tasks(request, burst, doors)
            if request.data and not data_first:
                await self._send_data(sequence, burst, doors)
            ready_at = time.time()
            async with asyncio.TaskGroup() as group:
                if request.data:
                    group.create_task(
                        self._confirm_data(sequence, burst, doors),
                        name=f"sequence {sequence.id}, data of {burst.burst_id}",
                    )
                for one in sent:
                    group.create_task(
                        self._follow(sequence, one, ready_at),
                        name=f"sequence {sequence.id}, task {one.task.id}",
                    )
            sequence.finished.append(burst.burst_id)

    async def _send_data(
        self, sequence: Sequence, burst: CatalogueBurst, doors: tuple[Door, Door]
    ) -> None:
        """Announce every other file by NATS; upload the others by REST."""
        by_nats = tuple(
            link for n, link in enumerate(burst.links(self._data_url)) if doors[n % 2] == "nats"
        )
        if by_nats:
            note = f"{burst.burst_id}-data.{sequence.request.tag or sequence.id}"
            await self._nats.send(DataNotification(note, burst.burst_id, by_nats))
        for n, file in enumerate(burst.files):
            if doors[n % 2] == "rest":
                path = self._catalogue.path(file)
                calls = await self._rest.calls()
                try:
                    await calls.upload(burst.burst_id, path)
                except RefusedError as error:
                    record = _file_record(burst, file, "rest", "refused", str(error))
                    sequence.files.append(record)

    async def _send_tasks(
        self, request: SequenceRequest, burst: CatalogueBurst, doors: tuple[Door, Door]
    ) -> list[_Sent]:
        wanted = [task for task in burst.tasks if task.analysis in request.analyses]
        return [
            await self._send_task(
                tagged(task, request.tag), doors[n % 2], twice=request.twice and n == 0
            )
            for n, task in enumerate(wanted)
        ]

    async def _confirm_data(
        self, sequence: Sequence, burst: CatalogueBurst, doors: tuple[Door, Door]
    ) -> None:
        """Wait until the daemon has announced the state of each file."""
        until = time.monotonic() + sequence.request.limit_s
        known = {r.name for r in sequence.files if r.burst_id == burst.burst_id}
        for n, file in enumerate(burst.files):
            if file.name in known:
                continue
            found = await self._data_activity(burst, file, until - time.monotonic())
            if found is None:
                record = _file_record(burst, file, doors[n % 2], "silent", "never announced")
            else:
                record = _file_record(burst, file, doors[n % 2], found.state, found.reason)
            sequence.files.append(record)

    async def _data_activity(
        self, burst: CatalogueBurst, file: CatalogueFile, limit_s: float
    ) -> DataActivity | None:
        try:
            return await self._watch.wait_for(
                lambda: self._watch.data(burst.burst_id, file.name, file.sha256),
                limit_s=max(limit_s, 0.0),
            )
        except TimeoutError:
            return None

    async def _send_task(self, task: TaskRequest, door: Door, *, twice: bool) -> _Sent:
        doors: tuple[Door, ...] = (door, other(door)) if twice else (door,)
        for one in doors:
            if one == "nats":
                await self._nats.send(task)
            else:
                await (await self._rest.calls()).send_task(task)
        return _Sent(task, door, len(doors), time.time())

    async def _follow(self, sequence: Sequence, sent: _Sent, ready_at: float) -> None:
        """Wait until a task ends and fetch its products."""
        task = sent.task
        final = None
        products: tuple[CollectedProduct, ...] = ()
        latency_s = None
        try:
            final = await self._watch.wait_for(
                lambda: self._watch.final_change(task.id), limit_s=sequence.request.limit_s
            )
            if final.state is TaskState.DONE:
                at, announced = await self._watch.wait_for(
                    lambda: self._watch.products(task.id), limit_s=sequence.request.limit_s
                )
                latency_s = at - ready_at
                folder = self._output / task.burst_id / task.id
                products = tuple(
                    [await collect_product(self._session, p, folder) for p in announced.products]
                )
        except TimeoutError:
            reason = "no end announced" if final is None else "products never announced"
        else:
            reason = final.reason
        record = TaskRecord(
            task_id=task.id,
            burst_id=task.burst_id,
            analysis=task.analysis,
            door=sent.door,
            sent=sent.times,
            state=None if final is None else final.state,
            reason=reason,
            changes=tuple(self._watch.task_changes(task.id)),
            latency_s=latency_s,
            products=products,
        )
        sequence.tasks.append(record)
        self._keep(record)

    def _keep(self, record: TaskRecord) -> None:
        """Write the record to the folder of the products."""
        folder = self._output / record.burst_id / record.task_id
        folder.mkdir(parents=True, exist_ok=True)
        text = msgspec.json.format(msgspec.json.encode(record))
        (folder / "tts-record.json").write_bytes(text)


def _doors(request: SequenceRequest, number: int) -> tuple[Door, Door]:
    """Return the doors for items of even and of odd number of a burst."""
    match request.door:
        case "nats" | "rest" as only:
            return only, only
        case "mixed":
            return ("nats", "rest") if number % 2 == 0 else ("rest", "nats")


def _texts(errors: BaseExceptionGroup[Exception]) -> list[str]:
    """Return the messages of errors in nested groups."""
    return [
        text
        for error in errors.exceptions
        for text in (_texts(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    ]


def _file_record(
    burst: CatalogueBurst, file: CatalogueFile, door: Door, state: str, reason: str
) -> FileRecord:
    return msgspec.convert(
        {
            "burst_id": burst.burst_id,
            "name": file.name,
            "door": door,
            "size": file.size,
            "state": state,
            "reason": reason,
        },
        FileRecord,
    )

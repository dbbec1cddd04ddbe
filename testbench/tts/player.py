"""Plays test sequences: sends data and tasks, waits for the announcements, fetches the products."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import msgspec

from eclgrmd.model.messages import DataActivity, DataNotification, TaskRequest
from eclgrmd.model.task import TaskState

from .address import Address
from .catalogue import Catalogue, CatalogueBurst, CatalogueFile
from .collect import CollectedProduct, collect_product
from .doors import DoorError, NatsDoor, RestDoor
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
    """A sequence while it is played."""

    id: str
    request: SequenceRequest
    bursts: tuple[CatalogueBurst, ...]
    state: SequenceState = "running"
    reason: str = ""
    finished: list[str] = field(default_factory=list)
    files: list[FileRecord] = field(default_factory=list)
    tasks: list[TaskRecord] = field(default_factory=list)

    def view(self) -> SequenceView:
        """Tell how far it got."""
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
    """A task on its way."""

    task: TaskRequest
    door: Door
    times: int
    answers: tuple[int, ...]
    at: float


class Player:
    """Plays sequences against one daemon."""

    def __init__(
        self,
        catalogue: Catalogue,
        address: Address,
        watch: ActivityWatch,
        session: aiohttp.ClientSession,
        *,
        data_url: str,
        output: Path,
    ) -> None:
        self._catalogue = catalogue
        self._watch = watch
        self._session = session
        self._rest = RestDoor(address, session)
        self._nats = NatsDoor(address)
        self._data_url = data_url
        self._output = output

    async def play(self, sequence: Sequence) -> None:
        """Play a sequence to its end; trouble goes into its record."""
        slots = asyncio.Semaphore(sequence.request.at_once)
        try:
            async with asyncio.TaskGroup() as group:
                for burst, door, data_first in _plan(sequence):
                    group.create_task(
                        self._burst(sequence, burst, door, data_first, slots),
                        name=f"sequence {sequence.id}, burst {burst.burst_id}",
                    )
        except* DoorError as errors:
            sequence.reason = "; ".join(str(e) for e in errors.exceptions)
        sequence.state = "failed" if sequence.reason else "done"

    async def _burst(
        self,
        sequence: Sequence,
        burst: CatalogueBurst,
        door: Door,
        data_first: bool,
        slots: asyncio.Semaphore,
    ) -> None:
        """Send one burst's data and tasks, in either order, and follow them to their end."""
        request = sequence.request
        async with slots:
            sent: list[_Sent] = []
            if request.data and data_first:
                await self._send_data(sequence, burst, door)
            for number, task in enumerate(t for t in burst.tasks if t.analysis in request.analyses):
                twice = request.twice and number == 0
                sent.append(await self._send_task(tagged(task, request.tag), door, twice=twice))
            if request.data and not data_first:
                await self._send_data(sequence, burst, door)
            ready_at = time.time()
            async with asyncio.TaskGroup() as group:
                if request.data:
                    group.create_task(
                        self._confirm_data(sequence, burst, door),
                        name=f"sequence {sequence.id}, data of {burst.burst_id}",
                    )
                for one in sent:
                    group.create_task(
                        self._follow(sequence, one, max(ready_at, one.at)),
                        name=f"sequence {sequence.id}, task {one.task.id}",
                    )
            sequence.finished.append(burst.burst_id)

    async def _send_data(self, sequence: Sequence, burst: CatalogueBurst, door: Door) -> None:
        if door == "nats":
            links = burst.links(self._data_url)
            tag = sequence.request.tag or "1"
            note = DataNotification(
                id=f"{burst.burst_id}-data.{tag}", burst_id=burst.burst_id, files=links
            )
            await self._nats.send(note)
            return
        for file in burst.files:
            answer = await self._rest.upload(
                burst.burst_id, self._catalogue.path(file), file.sha256
            )
            if answer.status not in (200, 201):
                sequence.files.append(_file_record(burst, file, door, "refused", str(answer.body)))

    async def _confirm_data(self, sequence: Sequence, burst: CatalogueBurst, door: Door) -> None:
        """Wait until the daemon has announced what became of each file."""
        until = time.monotonic() + sequence.request.limit_s
        told = {r.name for r in sequence.files if r.burst_id == burst.burst_id}
        for file in burst.files:
            if file.name in told:
                continue
            found = await self._data_activity(burst, file, until - time.monotonic())
            if found is None:
                record = _file_record(burst, file, door, "silent", "never announced")
            else:
                record = _file_record(burst, file, door, found.state, found.reason)
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
        answers = []
        doors: tuple[Door, ...] = (door, other(door)) if twice else (door,)
        for one in doors:
            if one == "nats":
                await self._nats.send(task)
                continue
            answer = await self._rest.send_task(task)
            if answer.status not in (200, 201):
                raise DoorError(f"task {task.id}: REST answered {answer.status}: {answer.body}")
            answers.append(answer.status)
        return _Sent(task, door, len(doors), tuple(answers), time.time())

    async def _follow(self, sequence: Sequence, sent: _Sent, ready_at: float) -> None:
        """Wait for a task's end and fetch its products."""
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
                    lambda: self._watch.products(task.id), limit_s=30.0
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
            answers=sent.answers,
            state=None if final is None else final.state,
            reason=reason,
            changes=tuple(self._watch.task_changes(task.id)),
            latency_s=latency_s,
            products=products,
        )
        sequence.tasks.append(record)
        self._keep(record)

    def _keep(self, record: TaskRecord) -> None:
        """Store the record beside the products."""
        folder = self._output / record.burst_id / record.task_id
        folder.mkdir(parents=True, exist_ok=True)
        text = msgspec.json.format(msgspec.json.encode(record))
        (folder / "tts-record.json").write_bytes(text)


def _plan(sequence: Sequence) -> Iterator[tuple[CatalogueBurst, Door, bool]]:
    """Choose for each burst its door, and whether its data go before its tasks."""
    for number, burst in enumerate(sequence.bursts):
        door: Door
        match sequence.request.door:
            case "nats" | "rest" as only:
                door = only
            case "mixed":
                door = "nats" if number % 2 == 0 else "rest"
        yield burst, door, number // 2 % 2 == 0


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

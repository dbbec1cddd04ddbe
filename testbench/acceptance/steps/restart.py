"""FSC-1590: the REST interface stops and starts cleanly; a kill -9 loses nothing."""

import asyncio
import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from eclgrmd.model.messages.founding import TaskActivity
from eclgrmd.model.result import Result
from eclgrmd.model.task import TaskState
from testbench.acceptance.judgement.products import read_result
from testbench.acceptance.report.table import require
from testbench.daemon_process import DaemonProcess
from testbench.tts.clients import RestClient
from testbench.tts.orders import Orders
from testbench.tts.sequence import SequenceRequest, SequenceView, TaskRecord
from testbench.tts.watch import ActivityWatch, Received

from .availability import form_of_status, status_seen
from .client_load import Load

__all__ = ["PowerCut", "SmoothStop", "differences"]

_BUSY_S = 1.0
"""Load before the stop and after the restart, seconds."""
_UPLOAD_S = 2.5
"""Duration of the upload that the stop interrupts, seconds."""
_CHANGED = 1e-6
"""Relative difference above which a number counts as changed."""


@dataclass(slots=True)
class SmoothStop:
    """A SIGTERM and a restart while clients read, upload and send tasks."""

    daemon: DaemonProcess
    """Daemon that is stopped."""
    watch: ActivityWatch
    """Announcements received so far."""
    orders: Orders
    """Client of the TTS, which plays the sequence."""
    rest: RestClient
    """REST client of the daemon."""
    upload: tuple[str, Path]
    """Burst id and file of the upload that is in progress when the daemon stops."""
    load: Load
    """Clients that read and send meanwhile."""
    sequence_id: str = ""
    """Sequence that is played across the stop. Empty before the stop."""
    before: int = 0
    """Stream number of the newest message before the stop."""

    async def stop(self, request: SequenceRequest) -> str:
        """Stop and restart the daemon under load; no response in progress may be dropped."""
        burst_id, path = self.upload
        content = await asyncio.to_thread(path.read_bytes)
        sha256 = hashlib.sha256(content).hexdigest()
        self.sequence_id = (await self.orders.launch(request)).id
        await _first_running(self.watch, request.tag)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.load.run(), name="load")
            await asyncio.sleep(_BUSY_S)
            upload = group.create_task(
                self.load.slow_upload(burst_id, path.name, content, sha256, over_s=_UPLOAD_S),
                name="slow upload",
            )
            await asyncio.sleep(_UPLOAD_S / 4)
            self.before = self.watch.last_sequence
            in_flight = not upload.done()
            self.daemon.terminate()
            status = await self.daemon.ended()
            answer = await upload
            await asyncio.sleep(_BUSY_S / 2)
            seconds = await self.daemon.start()
            await asyncio.sleep(_BUSY_S)
            self.load.end()
        require(in_flight, "the upload ended before the daemon was told to stop")
        require(status == 0, f"the daemon ended with status {status}")
        tally = self.load.tally
        require(not tally.faults, f"{tally}: " + "; ".join(tally.faults[:5]))
        require(answer in (200, 201), f"the upload in progress ended with status {answer}")
        return f"{tally}; upload in progress: status {answer}; ready again after {seconds:.1f} s"

    async def new_status(self) -> str:
        """Check that the daemon announced its stop and then that it is ready again."""
        ready = await status_seen(self.watch, after=self.before)
        said = self.watch.service_messages(after=self.before)
        wrong = [text for m in said for text in form_of_status(m.raw)]
        require(not wrong, "; ".join(wrong))
        infos = [m.message.info for m in said]
        require(infos.index(ready.message.info) > 0, f"the stop was not announced, only {infos}")
        return " · ".join(infos)

    async def uploaded(self) -> str:
        """Check that the uploaded file is in the store."""
        burst_id, path = self.upload
        files = (await self.rest.calls()).data(burst_id)
        names = [each.name async for each in files if each.state == "accepted"]
        require(path.name in names, f"{path.name} of {burst_id} is not in the store, only {names}")
        return f"{path.name} is in the store"

    async def tasks(self, originals: Iterable[TaskRecord]) -> str:
        """Check that no task was lost and that all results are as before."""
        view = await self.orders.follow(self.sequence_id)
        return _nothing_lost(view, originals)


@dataclass(slots=True)
class PowerCut:
    """A kill -9 and a restart during a sequence of new data and tasks."""

    daemon: DaemonProcess
    """Daemon that is killed."""
    watch: ActivityWatch
    """Announcements received so far."""
    orders: Orders
    """Client of the TTS, which plays the sequence."""
    sequence_id: str = ""
    """Sequence that is played across the kill. Empty before the kill."""

    async def kill_and_start(self, request: SequenceRequest) -> str:
        """Kill the daemon while it computes and fetches, and restart it."""
        before = self.watch.last_sequence
        self.sequence_id = (await self.orders.launch(request)).id
        await _first_running(self.watch, request.tag)
        ended = (await self.orders.look(self.sequence_id)).tasks
        await self.daemon.kill()
        seconds = await self.daemon.start()
        await status_seen(self.watch, after=before)
        return f"killed with {len(ended)} of its tasks ended; ready again in {seconds:.1f} s"

    async def tasks(self, originals: Iterable[TaskRecord]) -> str:
        """Check that the sequence completed and that nothing was lost."""
        view = await self.orders.follow(self.sequence_id)
        silent = [f"{f.burst_id} {f.name}" for f in view.files if f.state != "accepted"]
        require(not silent, f"files lost: {', '.join(silent)}")
        again = sum(any("lost" in c.reason for c in t.changes) for t in view.tasks)
        return f"{_nothing_lost(view, originals)}; {again} of them ran again"


async def _first_running(watch: ActivityWatch, tag: str) -> None:
    """Wait until a task of the sequence is running."""

    def look() -> Received | None:
        return next((m for m in watch.messages if _runs(m, tag)), None)

    await watch.wait_for(look, limit_s=60.0)


def _runs(received: Received, tag: str) -> bool:
    activity = received.message.activity
    return (
        isinstance(activity, TaskActivity)
        and activity.state is TaskState.RUNNING
        and activity.task_id.endswith(f".{tag}")
    )


def _nothing_lost(view: SequenceView, originals: Iterable[TaskRecord]) -> str:
    require(not view.reason, f"sequence {view.id}: {view.reason}")
    require(view.tasks, "the sequence had no tasks")
    lost = [
        f"{t.task_id}: {t.state or 'no end'} {t.reason}"
        for t in view.tasks
        if t.state is not TaskState.DONE
    ]
    require(not lost, f"{len(lost)} of {len(view.tasks)} tasks not done: {'; '.join(lost[:5])}")
    changed = list(differences(view.tasks, originals))
    require(not changed, f"other results than before: {'; '.join(changed[:5])}")
    return f"{len(view.tasks)} tasks done, with the same results as before"


def differences(repeats: Iterable[TaskRecord], originals: Iterable[TaskRecord]) -> Iterator[str]:
    """Yield a sentence for each task whose result differs from the first one on the same files."""
    known = {_inputs(result): result for t in originals if (result := read_result(t))}
    for task in repeats:
        result = read_result(task)
        if result is None:
            yield f"{task.task_id} has no result"
        elif (first := known.get(_inputs(result))) is None:
            yield f"{task.task_id} has no first run to compare with"
        elif not _same(_numbers(first), _numbers(result)):
            yield f"{task.task_id} has other numbers than the first run"


def _inputs(result: Result) -> frozenset[str]:
    return frozenset(one.sha256 for one in result.inputs)


def _numbers(result: Result) -> object:
    return msgspec.to_builtins((result.durations, result.spectra))


def _same(a: object, b: object) -> bool:
    """Compare plain values; numbers may differ by what reordered sums change."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=_CHANGED, abs_tol=_CHANGED)
    return a == b

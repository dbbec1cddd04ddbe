"""A program works with a running daemon by the client: from the upload to the comparison."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eclgrmd.client import AsyncClient, Client, ProductQuery, RefusedError, TaskQuery
from eclgrmd.client.event_calls import LiveEvent
from eclgrmd.errors import InputError
from eclgrmd.model.messages.version1 import TaskMessage
from eclgrmd.model.task import TaskState, TaskType
from testbench.daemon_process import DaemonProcess
from testbench.tiny import TINY_CONFIGURATION
from tests.support.limits import LIMIT_S


def test_from_the_upload_to_the_comparison(url: str, light_curve: Path, tmp_path: Path) -> None:
    with Client(url) as client:
        assert "ready" in client.status().info
        assert client.health().ready

        progress: list[tuple[int, int]] = []
        sent = client.upload("c-1", light_curve, progress=lambda *done: progress.append(done))
        size = light_curve.stat().st_size
        assert (sent.state, sent.size, progress[-1]) == ("accepted", size, (size, size))
        assert client.upload("c-1", light_curve) == sent, "it is not sent again"

        task = client.submit(
            "c-1", ["tiny.fits"], analysis=TaskType.TEMPORAL, configuration=TINY_CONFIGURATION
        )
        again = client.submit(
            "c-1", ["tiny.fits"], analysis=TaskType.TEMPORAL, configuration=TINY_CONFIGURATION
        )
        assert again.id == task.id, "the same task has the same id"
        states = [each.changes[-1].state for each in client.follow(task.id)]
        assert states[-1] is TaskState.DONE
        done = client.wait(task.id)
        assert done.summary is not None
        assert 5.0 < done.summary["t90_s"] < 20.0

        new = client.rerun(task.id, {"duration": {"bootstrap": 200}}, new_id="c-1-more")
        assert "durations" in new.plan.touched
        assert client.wait(new.id).state is TaskState.DONE
        compared = client.compare(task.id, new.id)
        assert [each.pointer for each in compared.configuration] == ["/duration/bootstrap"]
        assert client.configuration(new.id).sources["/duration/bootstrap"] == "task"

        assert [each.id for each in client.tasks(TaskQuery(burst_id="c-1"))] == [task.id, new.id]
        assert [each.id for each in client.data("c-1")] == [sent.id]
        view = client.burst("c-1")
        assert {each.id for each in view.tasks} == {task.id, new.id}
        assert "c-1" in [each.id for each in client.bursts()]
        assert {"task is done"} <= {line["event"] for line in client.logs(task.id)}
        assert [*client.follow_logs(task.id)] == client.logs(task.id)

        for product in client.products(ProductQuery(task_id=task.id)):
            path = client.download(task.id, product.name, tmp_path)
            assert hashlib.sha256(path.read_bytes()).hexdigest() == product.sha256


def test_a_download_is_resumed(url: str, light_curve: Path, tmp_path: Path) -> None:
    with Client(url) as client:
        client.upload("c-2", light_curve)
        task = client.submit("c-2", ["tiny.fits"], configuration=TINY_CONFIGURATION)
        assert client.wait(task.id).state is TaskState.DONE
        whole = client.download(task.id, "result.json", tmp_path / "whole.json").read_bytes()
        (tmp_path / "result.json.part").write_bytes(whole[:1000])
        progress: list[int] = []
        path = client.download(
            task.id, "result.json", tmp_path, progress=lambda done, _size: progress.append(done)
        )
        assert path.read_bytes() == whole
        assert progress[0] > 1000


async def test_asynchronous_calls_run_together(url: str, light_curve: Path) -> None:
    async with AsyncClient(url) as client:
        await client.upload("c-3", light_curve)
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(
                    _one(client, {"seed": seed, **TINY_CONFIGURATION}), name=f"seed {seed}"
                )
                for seed in range(1, 4)
            ]
        assert [each.result() for each in running] == [TaskState.DONE] * 3


async def _one(client: AsyncClient, configuration: dict[str, object]) -> TaskState:
    task = await client.submit("c-3", ["tiny.fits"], configuration=configuration)
    return (await client.wait(task.id)).state


def test_refusals_say_what_is_wrong(url: str, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no data", encoding="utf-8")
    with Client(url) as client:
        with pytest.raises(RefusedError, match="no task 'nosuch'") as caught:
            client.task("nosuch")
        assert caught.value.status == 404
        with pytest.raises(RefusedError, match="is no FITS file"):
            client.upload("c-4", text)
        with pytest.raises(RefusedError, match="/duration/bin_s"):
            client.submit("c-4", ["a.fits"], configuration={"duration": {"bin_s": -1}})
        with pytest.raises(InputError, match="must be"):
            client.burst("not an id")
        waiting = client.submit("c-4", ["never.fits"])
        assert waiting.state is TaskState.WAITING
        assert client.cancel(waiting.id).state is TaskState.CANCELLED
        with pytest.raises(RefusedError) as ended:
            client.cancel(waiting.id)
        assert ended.value.status == 409


async def test_a_patient_client_outlives_a_restart(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path)
    await daemon.start()
    try:
        url = daemon.running_endpoints().rest
        async with AsyncClient(url, reconnect_s=600.0) as client, asyncio.TaskGroup() as group:
            await client.status()
            await daemon.kill()
            status = group.create_task(client.status(), name="status")
            await daemon.start()
            assert (await status).info
    finally:
        await daemon.kill()


async def test_events_are_followed_and_caught_up_with(url: str, light_curve: Path) -> None:
    async with AsyncClient(url) as client, asyncio.timeout(LIMIT_S):
        await client.upload("c-live", light_curve)
        events = client.events(burst_id="c-live", mark="0")
        assert (await anext(events)).kind == "data"
        task = await client.submit("c-live", ["never.fits"])
        told = await until_task(events)
        assert (told.task_id, told.state) == (task.id, TaskState.WAITING)
        await client.cancel(task.id)
        assert (await until_task(events)).state is TaskState.CANCELLED
        late = client.events(task_id=task.id, mark="0")
        states = [(await until_task(late)).state for _ in range(2)]
        assert states == [TaskState.WAITING, TaskState.CANCELLED]


async def test_events_go_on_after_a_restart(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path)
    await daemon.start()
    try:
        url = daemon.running_endpoints().rest
        # The patience of a request is short: it must not end the events.
        async with AsyncClient(url, reconnect_s=0.1) as client, asyncio.TaskGroup() as group:
            events = client.events(mark="0")
            first = await client.submit("c-before", ["never.fits"])
            assert (await until_task(events)).task_id == first.id
            following = group.create_task(until_task(events), name="following")
            await daemon.kill()
            await daemon.start()
            async with asyncio.timeout(LIMIT_S):
                second = await client.submit("c-after", ["never.fits"])
                assert (await following).task_id == second.id
    finally:
        await daemon.kill()


async def until_task(events: AsyncIterator[LiveEvent]) -> TaskMessage:
    async for event in events:
        if isinstance(event.message, TaskMessage):
            return event.message
    raise AssertionError("the events ended")

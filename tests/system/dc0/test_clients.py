"""The TTS's clients and its watch of announcements, on a real NATS server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import nats as nats_client
import pytest
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from eclgrmd.embedded import PrivateNats
from eclgrmd.model.messages.founding import Descriptor, ServiceMessage, TaskActivity
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest, read_incoming
from eclgrmd.model.task import TaskState, TaskType
from testbench.tts.address import Address
from testbench.tts.clients import ClientError, NatsClient
from testbench.tts.watch import ActivityWatch
from tests.support.cancelling import assert_heeds_cancellation
from tests.support.limits import LIMIT_S
from tests.support.present import present

DESCRIPTOR = Descriptor("eclgrm", "svom://x", "ECLAIR", "CoreProgram", "", "0", ("default",))


def status(info: str) -> bytes:
    return msgspec.json.encode(ServiceMessage(DESCRIPTOR, None, "", info))


def change(state: str, number: int) -> bytes:
    activity = TaskActivity("t1", "sb1", TaskType.BURST, TaskState(state), "", "", number, "/t")
    return msgspec.json.encode(ServiceMessage(DESCRIPTOR, activity, "", ""))


@pytest.fixture
async def bus(nats: PrivateNats) -> AsyncIterator[JetStreamContext]:
    """A JetStream context with both streams, empty."""
    connection = await nats_client.connect(nats.url)
    streams = connection.jetstream()
    names = {"ACTIVITY": "activity.eclgrm", "DATA": "data.bandx"}
    for name, subject in names.items():
        with suppress(NotFoundError):
            await streams.delete_stream(name)  # left by other tests on the same server
        await streams.add_stream(StreamConfig(name=name, subjects=[subject]))
    yield streams
    for name in names:
        await streams.delete_stream(name)
    await connection.close()


async def publish(url: str, payload: bytes) -> None:
    async with await nats_client.connect(url) as connection:
        streams = connection.jetstream()
        await streams.add_stream(StreamConfig(name="ACTIVITY", subjects=["activity.eclgrm"]))
        await streams.publish("activity.eclgrm", payload)


@asynccontextmanager
async def watching(address: Address) -> AsyncIterator[ActivityWatch]:
    watch = ActivityWatch(address)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch.run(), name="watch")
        try:
            yield watch
        finally:
            task.cancel()


async def test_every_announcement_is_received_once_and_in_order(
    bus: JetStreamContext, nats: PrivateNats
) -> None:
    await bus.publish("activity.eclgrm", status("before"))
    async with watching(Address.fixed("", nats.url)) as watch:
        for number, state in enumerate(("waiting", "queued", "running", "done"), 1):
            await bus.publish("activity.eclgrm", change(state, number))
        final = await watch.wait_for(lambda: watch.final_change("t1"), limit_s=LIMIT_S)

        assert final.state is TaskState.DONE
        assert [c.number for c in watch.task_changes("t1")] == [1, 2, 3, 4]
        assert [m.message.info for m in watch.service_messages()] == ["before"]
        assert [m.sequence for m in watch.messages] == [1, 2, 3, 4, 5]


async def test_nothing_is_missed_while_the_server_is_down(tmp_path: Path) -> None:
    async with PrivateNats(tmp_path) as server:
        # The address is None while the daemon is down, as with a real restart.
        up = True
        here = Address.fixed("", server.url)
        async with watching(Address(lambda: here.find() if up else None)) as watch:
            await publish(server.url, status("one"))
            await watch.wait_for(lambda: watch.messages or None, limit_s=LIMIT_S)
            up = False
            await server.stop()
            await server.start()
            await publish(server.url, status("two"))
            up = True
            both = await watch.wait_for(
                lambda: watch.messages if len(watch.messages) > 1 else None, limit_s=LIMIT_S
            )

    assert [m.message.info for m in both] == ["one", "two"]


async def test_a_message_of_another_form_is_kept_apart(
    bus: JetStreamContext, nats: PrivateNats
) -> None:
    async with watching(Address.fixed("", nats.url)) as watch:
        await bus.publish("activity.eclgrm", b'{"hello": 1}')
        await watch.wait_for(lambda: watch.malformed or None, limit_s=LIMIT_S)

        assert watch.messages == []
        assert "hello" in watch.malformed[0]


async def test_waiting_ends_at_its_limit(bus: JetStreamContext, nats: PrivateNats) -> None:
    async with watching(Address.fixed("", nats.url)) as watch:
        with pytest.raises(TimeoutError):
            await watch.wait_for(lambda: None, limit_s=0.1)


async def test_a_task_sent_is_in_the_stream(bus: JetStreamContext, nats: PrivateNats) -> None:
    task = TaskRequest(id="t1", burst_id="sb1", inputs=(TaskInput("ecl.fits"),))

    await NatsClient(Address.fixed("", nats.url)).send(task)

    stored = await bus.get_msg("DATA", 1)
    assert read_incoming(present(stored.data)) == task


async def test_a_service_that_does_not_answer_is_named(
    bus: JetStreamContext, nats: PrivateNats
) -> None:
    with pytest.raises(ClientError, match=r"eclgrm\.nobody"):
        await NatsClient(Address.fixed("", nats.url)).ask("eclgrm.nobody", timeout_s=0.2)


@pytest.mark.usefixtures("bus")
async def test_a_cancellation_takes_effect_wherever_it_arrives(nats: PrivateNats) -> None:
    """nats-py swallows some cancellations: a cancelled caller would then continue."""
    client = NatsClient(Address.fixed("", nats.url))

    await assert_heeds_cancellation(lambda: client.send_raw(b"{}"))

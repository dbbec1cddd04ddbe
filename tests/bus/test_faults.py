"""The bus recovers from every kind of loss of the server."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eclgrmd.bus import Address, Bus, Delivery, Endpoint, Message
from eclgrmd.bus.session import open_session
from eclgrmd.embedded import PrivateNats
from eclgrmd.embedded.processes import end_process, find_program, spawn
from eclgrmd.errors import FatalError, TransientError
from tests.support.cancelling import assert_heeds_cancellation
from tests.support.consuming import consuming, eventually
from tests.support.present import present


async def kill(server: PrivateNats) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()


async def publish_surely(bus: Bus, subject: str, name: str) -> None:
    while True:
        try:
            await bus.publish(subject, name.encode(), name)
        except TransientError:
            await asyncio.sleep(0.01)
        else:
            return


async def test_a_consumer_goes_on_after_kills_and_nothing_is_lost(own_nats: PrivateNats) -> None:
    """A pull subscription of nats-py can remain silent after a reconnect: nats-io/nats.py#504."""
    seen: set[str] = set()

    async def handler(delivery: Delivery) -> None:
        seen.add(delivery.data.decode())
        await delivery.ack()

    async with Bus(Address(own_nats.url), limit_s=2.0) as bus:
        await bus.ensure_stream("S", ["s"])
        async with consuming(bus, "S", "s", handler, in_flight=4, ack_wait_s=1.0):
            for kills in range(5):
                for number in range(40):
                    await publish_surely(bus, "s", f"{kills}-{number}")
                    if number == 20:
                        await kill(own_nats)
                        await own_nats.start()
                await eventually(lambda wanted: len(seen) == wanted, 40 * (kills + 1))


async def test_an_idle_consumer_hears_again_soon_after_a_kill(own_nats: PrivateNats) -> None:
    seen: list[float] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(time.monotonic())
        await delivery.ack()

    async with Bus(Address(own_nats.url)) as bus:
        await bus.ensure_stream("S", ["s"])
        async with consuming(bus, "S", "s", handler):
            await asyncio.sleep(0.3)
            await kill(own_nats)
            await own_nats.start()
            await publish_surely(bus, "s", "x")
            published = time.monotonic()
            await eventually(lambda: bool(seen))
    assert seen[0] - published < 1.0


async def test_a_server_that_forgot_everything_gets_stream_and_consumer_again(
    own_nats: PrivateNats,
) -> None:
    seen: list[bytes] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.data)
        await delivery.ack()

    async with Bus(Address(own_nats.url)) as bus:
        await bus.ensure_stream("S", ["s"])
        async with consuming(bus, "S", "s", handler):
            await kill(own_nats)
            shutil.rmtree(own_nats.folder / "streams")
            await own_nats.start()
            await publish_surely(bus, "s", "x")
            await eventually(lambda: seen == [b"x"])


async def test_stream_and_consumer_deleted_under_us_come_back(own_nats: PrivateNats) -> None:
    seen: list[bytes] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.data)
        await delivery.ack()

    async with Bus(Address(own_nats.url)) as bus:
        await bus.ensure_stream("S", ["s"])
        async with consuming(bus, "S", "s", handler):
            await bus.request("$JS.API.STREAM.DELETE.S", b"")
            await publish_surely(bus, "s", "x")
            await eventually(lambda: seen == [b"x"], limit_s=15.0)


async def test_loss_and_return_are_seen(own_nats: PrivateNats) -> None:
    async with Bus(Address(own_nats.url)) as bus:
        await bus.ensure_stream("S", ["s"])
        await kill(own_nats)
        await eventually(lambda: not bus.connected)
        begin = time.monotonic()
        with pytest.raises(TransientError, match="not connected"):
            await bus.publish("s", b"", "x")
        assert time.monotonic() - begin < 0.1
        await own_nats.start()
        await eventually(lambda: bus.connected)
        assert await bus.ping() < 1.0


async def test_a_service_and_a_subscription_come_back(own_nats: PrivateNats) -> None:
    heard: list[bytes] = []

    async def hear(message: Message) -> None:
        heard.append(message.data)

    async def answer(data: bytes) -> bytes:
        return data

    async with Bus(Address(own_nats.url)) as bus:
        await bus.ensure_stream("S", ["s"])
        await bus.subscribe("s", hear)
        await bus.serve("echo", "1.0.0", "Says it again", [Endpoint("ask", "echo.ask", answer)])
        await kill(own_nats)
        await eventually(lambda: not bus.connected)
        await own_nats.start()
        await eventually(lambda: bus.connected)
        assert (await bus.request("echo.ask", b"?")).data == b"?"
        await bus.publish("s", b"x", "x")
        await eventually(lambda: heard == [b"x"])


async def test_a_publication_under_way_ends_with_the_connection(own_nats: PrivateNats) -> None:
    async with Bus(Address(own_nats.url), limit_s=30.0) as bus, asyncio.TaskGroup() as tasks:
        await bus.ensure_stream("S", ["s"])
        assert own_nats.pid is not None
        os.kill(own_nats.pid, signal.SIGSTOP)

        async def publish() -> float:
            with pytest.raises(TransientError, match="connection was lost"):
                await bus.publish("s", b"", "x")
            return time.monotonic()

        publishing = tasks.create_task(publish(), name="publish")
        await asyncio.sleep(0.1)
        await kill(own_nats)
        begin = time.monotonic()
        assert await publishing - begin < 1.0


async def test_a_loss_that_the_library_does_not_tell_is_noticed(own_nats: PrivateNats) -> None:
    """nats-py fails to send its pending data, and never reports that the connection is closed."""
    async with Bus(Address(own_nats.url)) as bus:
        lost = present(bus._connection._session)
        lost.client._closed_cb = None
        await kill(own_nats)
        await own_nats.start()
        await eventually(lambda: bus._connection._session is not lost and bus.connected)


async def test_a_server_that_hangs_is_noticed_within_seconds(own_nats: PrivateNats) -> None:
    async with Bus(Address(own_nats.url), limit_s=1.0) as bus:
        assert own_nats.pid is not None
        os.kill(own_nats.pid, signal.SIGSTOP)
        await eventually(lambda: not bus.connected, limit_s=8.0)
        os.kill(own_nats.pid, signal.SIGCONT)
        await eventually(lambda: bus.connected)


async def test_no_server_is_said_without_the_password() -> None:
    bus = Bus(Address("nats://me:secret@127.0.0.1:1"), limit_s=1.0)
    with pytest.raises(
        TransientError, match=r"at nats://127\.0\.0\.1:1: .*Connect call failed"
    ) as told:
        await bus.connect()
    assert "secret" not in str(told.value)


@contextlib.asynccontextmanager
async def other_server(folder: Path, settings: str) -> AsyncIterator[str]:
    configuration = folder / "other.conf"
    configuration.write_text(f'listen: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n{settings}\n')
    program = str(find_program("nats-server", ""))
    process = await spawn([program, "-c", str(configuration)], folder)
    try:
        await eventually(lambda: any(folder.glob("*.ports")) and bool(_url(folder)))
        yield _url(folder)
    finally:
        await end_process(process, 5.0)


def _url(folder: Path) -> str:
    text = next(folder.glob("*.ports")).read_text()
    return text.partition('"nats://')[2].partition('"')[0]


async def test_a_server_without_jetstream_is_refused(tmp_path: Path) -> None:
    async with other_server(tmp_path, "") as address:
        with pytest.raises(FatalError, match="no JetStream"):
            await Bus(Address(f"nats://{address}")).connect()


async def test_login_by_user_and_password(tmp_path: Path) -> None:
    settings = f'jetstream {{ store_dir: "{tmp_path}/js" }}\n'
    settings += "authorization { user: me, password: secret }"
    async with other_server(tmp_path, settings) as address:
        async with Bus(Address(f"nats://me:secret@{address}")) as bus:
            assert bus.connected
        with pytest.raises(FatalError, match="refuses our login"):
            await Bus(Address(f"nats://{address}", user="me", password="no")).connect()  # noqa: S106


async def test_a_server_too_old_is_refused() -> None:
    async def old_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2.9.10","max_payload":1048576}\r\n')
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                if line.startswith(b"PING"):
                    writer.write(b"PONG\r\n")
        writer.close()

    async with await asyncio.start_server(old_server, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FatalError, match=r"version 2\.9: eclgrmd needs 2.10 or later"):
            await Bus(Address(f"nats://127.0.0.1:{port}"), limit_s=1.0).connect()


async def test_missing_credentials_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "nats.creds"
    with pytest.raises(FatalError, match="does not exist"):
        await Bus(Address("nats://127.0.0.1:1", credentials_file=missing)).connect()


async def test_a_cancellation_is_heeded_wherever_it_comes(own_nats: PrivateNats) -> None:
    """nats-py swallows some cancellations; a daemon that stops during a reconnect would hang."""

    async def open_and_close() -> None:
        session = await open_session(Address(own_nats.url), "test", limit_s=2.0)
        await session.close(2.0)

    await assert_heeds_cancellation(open_and_close)

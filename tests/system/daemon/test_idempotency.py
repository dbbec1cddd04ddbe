"""A request that is repeated with its key has no second effect, and gets the first answer."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from eclgrmd.embedded import PrivateMariaDB, PrivateNats
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S


@pytest.fixture
async def http(daemon: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(daemon.running_endpoints().rest) as session:
        yield session


def task(name: str, **change: Any) -> dict[str, Any]:
    return {"id": name, "burst_id": "key1", "inputs": [{"name": "never.fits"}], **change}


async def send(
    http: aiohttp.ClientSession, key: str, body: dict[str, Any], path: str = "/api/v1/task"
) -> tuple[int, Any, bool]:
    """Post a body; return status, answer and whether it was kept from an earlier request."""
    async with http.post(path, json=body, headers={"Idempotency-Key": key}) as answer:
        return (
            answer.status,
            await answer.json(content_type=None),
            "Idempotency-Replayed" in answer.headers,
        )


async def test_a_repetition_gets_the_first_answer(http: aiohttp.ClientSession) -> None:
    key = uuid4().hex
    first = await send(http, key, task("key-1"))
    assert (first[0], first[2]) == (201, False)
    async with http.delete("/api/v1/task/key-1") as answer:
        assert answer.status == 200
    assert await send(http, key, task("key-1")) == (201, first[1], True)
    status, without_key, _ = await send(http, uuid4().hex, task("key-1"))
    assert (status, without_key["state"]) == (200, "cancelled")


async def test_a_key_of_another_request_is_refused(http: aiohttp.ClientSession) -> None:
    key = uuid4().hex
    assert (await send(http, key, task("key-2")))[0] == 201
    for other in (task("key-3"), task("key-2", configuration={"seed": 7})):
        status, problem, _ = await send(http, key, other)
        assert status == 422
        assert "Idempotency-Key: was used for another request" in problem["detail"]
    assert (await send(http, key, {}, "/api/v1/task/key-2/rerun"))[0] == 422
    async with http.get("/api/v1/task/key-3") as answer:
        assert answer.status == 404
    status, problem, _ = await send(http, "x" * 201, task("key-3"))
    assert (status, "1 to 200 visible" in problem["detail"]) == (422, True)


async def test_after_an_error_the_key_can_be_used_again(http: aiohttp.ClientSession) -> None:
    key = uuid4().hex
    assert (await send(http, key, task("key-4", colour="red")))[0] == 422
    assert (await send(http, key, task("key-4")))[0] == 201


async def test_a_repeated_upload_is_recognised_by_its_content(
    http: aiohttp.ClientSession, burst: SimulatedBurst
) -> None:
    key, path = uuid4().hex, burst.files[0].path
    content = path.read_bytes()

    async def upload(body: bytes) -> tuple[int, bytes, bool]:
        headers = {"Idempotency-Key": key, "Content-Type": "application/fits"}
        query = {"burst_id": "key1", "name": path.name}
        file = io.BytesIO(body)
        async with http.post("/api/v1/data", params=query, data=file, headers=headers) as answer:
            return answer.status, await answer.read(), "Idempotency-Replayed" in answer.headers

    first = await upload(content)
    assert (first[0], first[2]) == (201, False)
    assert await upload(content) == (*first[:2], True)
    for other in (content[:-1] + b"x", content + b"x", b""):
        assert (await upload(other))[0] == 422


async def test_answers_survive_a_restart_and_requests_in_flight_do_not(
    own_daemon: DaemonProcess,
) -> None:
    await own_daemon.start()
    key, in_flight = uuid4().hex, ""
    async with aiohttp.ClientSession(own_daemon.running_endpoints().rest) as http:
        first = await send(http, key, task("key-5"))
        assert first[0] == 201
        async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
            status = 0
            while status != 409:  # the one that hangs may come second
                in_flight = uuid4().hex
                group.create_task(hang(http, in_flight), name="hanging request")
                await asyncio.sleep(0.1)
                status = (await send(http, in_flight, task("key-6")))[0]
            await own_daemon.kill()
    await own_daemon.start()
    async with aiohttp.ClientSession(own_daemon.running_endpoints().rest) as http:
        assert await send(http, key, task("key-5")) == (201, first[1], True)
        assert (await send(http, in_flight, task("key-6")))[0] in {200, 201}
    assert await own_daemon.stop() == 0


async def hang(http: aiohttp.ClientSession, key: str) -> None:
    """Send a request whose body does not end, until the daemon is gone."""

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(LIMIT_S)

    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    with suppress(aiohttp.ClientError):
        async with http.post("/api/v1/task", data=body(), headers=headers) as answer:
            await answer.read()


async def test_two_daemons_with_one_database_answer_a_key_once(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        mariadb, broker = PrivateMariaDB(tmp_path), PrivateNats(tmp_path)
        for server in (mariadb, broker):
            await stack.enter_async_context(server)
        shared = {
            "ECLGRMD_REST_OPEN_LOOPBACK": "on",
            "ECLGRMD_DATABASE_URL": f"mysql://{mariadb.user}@/eclgrmd"
            f"?unix_socket={mariadb.unix_socket}",
            "ECLGRMD_NATS_URL": broker.bare_url,
            "ECLGRMD_NATS_USER": broker.user,
            "ECLGRMD_NATS_PASSWORD_FILE": str(broker.password_file),
            "ECLGRMD_STORAGE_FILES_DIR": str(tmp_path / "files"),
        }
        doors = []
        for name in ("one", "other"):
            process = DaemonProcess(tmp_path / name, workers=1, settings=shared)
            await process.start(limit_s=LIMIT_S)
            stack.push_async_callback(process.kill)
            session = aiohttp.ClientSession(process.running_endpoints().rest)
            doors.append(await stack.enter_async_context(session))
        keys = [uuid4().hex for _ in range(5)]
        for number, key in enumerate(keys):
            async with asyncio.TaskGroup() as group:
                sent = [
                    group.create_task(once_answered(door, key, task(f"key-two-{number}")))
                    for door in (*doors, *doors)
                ]
            answers = [each.result() for each in sent]
            assert [status for status, _, _ in answers] == [201] * len(answers)
            assert sorted(replayed for _, _, replayed in answers) == [False, True, True, True]
            bodies = [body for _, body, _ in answers]
            assert all(body == bodies[0] for body in bodies)
        async with doors[0].get("/api/v1/audit?limit=1000") as answer:
            entries = (await answer.json())["audit"]
        assert [entry["action"] for entry in entries] == ["tasks_send"] * len(keys)


async def once_answered(
    http: aiohttp.ClientSession, key: str, body: dict[str, Any]
) -> tuple[int, Any, bool]:
    """Post a body, again while another request with its key is in flight."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            found = await send(http, key, body)
            if found[0] != 409:
                return found
            await asyncio.sleep(0.05)

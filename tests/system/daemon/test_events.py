"""Clients follow the service by server-sent events, and catch up after an interruption."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp

from testbench.daemon_process import DaemonProcess
from tests.support.limits import LIMIT_S


class Said(NamedTuple):
    id: str
    kind: str
    message: dict[str, Any]


async def events(answer: aiohttp.ClientResponse) -> AsyncIterator[Said]:
    """Read events as the standard says, those without data left out."""
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/event-stream"
    fields: dict[str, str] = {}
    async for line in answer.content:
        text = line.decode().rstrip("\n")
        if not text:
            if "data" in fields:
                yield Said(fields["id"], fields["event"], json.loads(fields["data"]))
            fields = {}
        elif not text.startswith(":"):
            name, _, value = text.partition(": ")
            fields[name] = value


async def first(answer: aiohttp.ClientResponse, number: int) -> list[Said]:
    found: list[Said] = []
    async with asyncio.timeout(LIMIT_S):
        async for each in events(answer):
            found.append(each)
            if len(found) == number:
                return found
    raise AssertionError(f"the stream ended after {found}")


async def submit(http: aiohttp.ClientSession, name: str) -> None:
    task = {"id": name, "burst_id": "live", "inputs": [{"name": "never.fits"}]}
    async with http.post("/api/v1/task", json=task) as answer:
        assert answer.status == 201, await answer.text()


async def cancel(http: aiohttp.ClientSession, name: str) -> None:
    async with http.delete(f"/api/v1/task/{name}") as answer:
        assert answer.status == 200, await answer.text()


async def test_a_client_follows_a_task_and_catches_up(daemon: DaemonProcess) -> None:
    async with aiohttp.ClientSession(daemon.running_endpoints().rest) as http:
        async with http.get("/api/v1/events", params={"task_id": "live-1"}) as stream:
            await submit(http, "live-0")
            await submit(http, "live-1")
            (waiting,) = await first(stream, 1)
        assert waiting.kind == "task"
        assert waiting.message["task_id"] == "live-1"
        assert waiting.message["state"] == "waiting"
        await cancel(http, "live-1")
        again = {"Last-Event-ID": waiting.id}
        params = [("task_id", "live-1"), ("kind", "task"), ("kind", "products")]
        async with http.get("/api/v1/events", params=params, headers=again) as stream:
            seen = await first(stream, 2)
        assert seen[0].message["id"] == waiting.message["id"]
        assert seen[1].message["state"] == "cancelled"
        await cancel(http, "live-0")


async def test_what_is_asked_for_wrongly_is_named(daemon: DaemonProcess) -> None:
    async with aiohttp.ClientSession(daemon.running_endpoints().rest) as http:
        async with http.get("/api/v1/events", params={"kind": "tusk"}) as answer:
            assert answer.status == 422
            assert "tusk" in await answer.text()
        async with http.get("/api/v1/events", headers={"Last-Event-ID": "x"}) as answer:
            assert answer.status == 422
            assert "must be the id of an event" in await answer.text()


async def test_a_stop_ends_the_streams(own_daemon: DaemonProcess) -> None:
    await own_daemon.start()
    async with (
        aiohttp.ClientSession(own_daemon.running_endpoints().rest) as http,
        http.get("/api/v1/events") as stream,
    ):
        own_daemon.terminate()
        async with asyncio.timeout(LIMIT_S):
            kinds = [each.kind async for each in events(stream)]
        assert set(kinds) <= {"status"}
        assert await own_daemon.ended() == 0

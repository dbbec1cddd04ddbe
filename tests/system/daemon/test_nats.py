"""NATS: the service is found by standard tools, and no message is left without an answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import nats
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from nats.aio.client import Client

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S


@pytest.fixture
async def client(daemon: DaemonProcess) -> AsyncIterator[Client]:
    at = daemon.endpoints()
    assert at is not None
    connected = await nats.connect(at.nats)
    yield connected
    await connected.close()


class Activity:
    """Everything said on `activity.eclgrm` from the beginning."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.seen: list[dict[str, Any]] = []
        self.ids: list[str] = []

    async def find(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """Wait for an activity of a kind with these values."""
        stream = self._client.jetstream()
        subscription = await stream.subscribe("activity.eclgrm", ordered_consumer=True)
        async with asyncio.timeout(LIMIT_S):
            while True:
                message = await subscription.next_msg(timeout=LIMIT_S)
                said: dict[str, Any] = json.loads(message.data)
                self.seen.append(said)
                self.ids.append((message.headers or {})["Nats-Msg-Id"])
                activity = said["activity"] or {}
                if activity.get("type") == kind and wanted.items() <= activity.items():
                    await subscription.unsubscribe()
                    return said


@pytest.fixture
def activity(client: Client) -> Activity:
    return Activity(client)


async def test_standard_tools_find_the_service(client: Client) -> None:
    answer = json.loads((await client.request("$SRV.PING.eclgrm", b"", timeout=LIMIT_S)).data)
    assert answer["name"] == "eclgrm"
    info = json.loads((await client.request("$SRV.INFO.eclgrm", b"", timeout=LIMIT_S)).data)
    assert {each["subject"] for each in info["endpoints"]} == {"eclgrm.status", "eclgrm.ping"}
    await client.request("eclgrm.ping", b"", timeout=LIMIT_S)
    stats = json.loads((await client.request("$SRV.STATS.eclgrm", b"", timeout=LIMIT_S)).data)
    assert sum(each["num_requests"] for each in stats["endpoints"]) >= 1


async def test_the_status_can_be_asked_for(client: Client) -> None:
    status = json.loads((await client.request("eclgrm.status", b"", timeout=LIMIT_S)).data)
    assert status["activity"] is None
    assert status["info"] == "Service eclgrm is ready"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"no json", "JSON is malformed"),
        (b'{"type": "task", "id": "x"}', "missing required field"),
        (b'{"type": "dream"}', "allowed: data, rerun, task"),
        (b"\xff\x00", "malformed"),
        (
            b'{"type": "data", "id": "n-1", "burst_id": "b", "files": '
            b'[{"name": "a", "url": "http://h/a", "size": 1, "sha256": "' + b"0" * 64 + b'"}], '
            b'"trigger_utc": "2026-13-01T00:00:00Z"}',
            "/trigger_utc",
        ),
        (b'{"type": "' + b"long" * 50_000 + b'"}', "allowed: data, rerun, task"),
    ],
)
async def test_a_malformed_message_is_answered_and_dropped(
    client: Client, activity: Activity, payload: bytes, said: str
) -> None:
    await client.jetstream().publish("data.bandx", payload)
    received = payload[:500].decode("utf-8", "replace")
    answer = await activity.find("error", received=received)
    assert said in answer["activity"]["reason"]
    info = await client.jetstream().consumer_info("DATA", "eclgrmd")
    assert info.num_redelivered in {None, 0}


async def test_a_notified_file_is_fetched_and_its_task_runs(
    client: Client, activity: Activity, burst: SimulatedBurst
) -> None:
    app = web.Application()
    app.router.add_static("/", burst.folder)
    async with TestServer(app) as server:
        files = [
            {
                "name": f.name,
                "url": str(server.make_url(f"/{f.name}")),
                "size": f.size,
                "sha256": f.sha256,
            }
            for f in burst.files
        ]
        data = {"type": "data", "id": "n1", "burst_id": "nats1", "files": files}
        task = {
            "type": "task",
            "id": "by-nats",
            "burst_id": "nats1",
            "analysis": "temporal",
            "inputs": [{"name": f.name} for f in burst.files],
        }
        for message in (task, task, data, data):
            await client.jetstream().publish("data.bandx", json.dumps(message).encode())
        said = await activity.find("products", task_id="by-nats")
    async with aiohttp.ClientSession() as http:
        for product in said["activity"]["products"]:
            async with http.get(product["link"]) as answer:
                assert len(await answer.read()) == product["size"]
    states = [
        each["activity"]["state"]
        for each in activity.seen
        if (each["activity"] or {}).get("task_id") == "by-nats"
        and each["activity"]["type"] == "task"
    ]
    assert states == ["waiting", "queued", "running", "done"]
    assert len(activity.ids) == len(set(activity.ids))


async def test_files_that_cannot_be_had_are_refused_at_last(
    client: Client, activity: Activity
) -> None:
    reasons = {
        "http://127.0.0.1:9/gone.fits": "not fetched from http://127.0.0.1:9/gone.fits: in 5 tries",
        "http://else.example.org/lost.fits": "files are not fetched from there (see links.allow)",
    }
    data = {
        "type": "data",
        "id": "n2",
        "burst_id": "nats2",
        "files": [
            {"name": url.rpartition("/")[2], "url": url, "size": 5, "sha256": "0" * 64}
            for url in reasons
        ],
    }
    await client.jetstream().publish("data.bandx", json.dumps(data).encode())
    for url, reason in reasons.items():
        said = await activity.find("data", name=url.rpartition("/")[2])
        assert said["activity"]["state"] == "refused"
        assert reason in said["activity"]["reason"]

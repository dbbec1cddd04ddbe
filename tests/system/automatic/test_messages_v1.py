"""A client that comes late reads all typed messages, each as documented, from cause to effect."""

import asyncio
import json
from typing import Any

import aiohttp
import jsonschema
import nats
from aiohttp import web
from aiohttp.test_utils import TestServer
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeoutError

from eclgrmd.model.messages.facts import message_uuid
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S

BURST = "v1.burst"


async def heard(client: Client, subject: str) -> list[tuple[str, dict[str, Any]]]:
    """Read all that the stream has kept, subject by subject."""
    subscription = await client.jetstream().subscribe(subject, ordered_consumer=True)
    found = []
    try:
        while True:
            message = await subscription.next_msg(timeout=1)
            said = json.loads(message.data)
            assert (message.headers or {})["Nats-Msg-Id"] == said["id"]
            found.append((message.subject, said))
    except NatsTimeoutError:
        await subscription.unsubscribe()
    return found


def validator(document: dict[str, Any], said: dict[str, Any]) -> jsonschema.Draft7Validator:
    named = {
        schema["properties"]["schema"]["enum"][0]: name
        for name, schema in document["components"]["schemas"].items()
        if "schema" in schema.get("properties", {})
    }
    reference = f"#/components/schemas/{named[said['schema']]}"
    return jsonschema.Draft7Validator({**document, "$ref": reference})


async def test_messages_are_as_documented_and_lead_from_products_to_the_notification(
    daemon: DaemonProcess, hour: SimulatedBurst
) -> None:
    at = daemon.endpoints()
    assert at is not None
    file = next(f for f in hour.files if f.kind == "light_curve" and "grm" in f.name.lower())
    app = web.Application()
    app.router.add_static("/", hour.folder)
    async with TestServer(app) as server, await nats.connect(at.nats) as client:
        link = {"name": file.name, "url": str(server.make_url(f"/{file.name}"))}
        files = [{**link, "size": file.size, "sha256": file.sha256}]
        told = {"type": "data", "id": "note-1", "burst_id": BURST, "files": files}
        await client.jetstream().publish("data.bandx", json.dumps(told).encode())
        await client.jetstream().publish("data.bandx", b"nonsense")
        subscription = await client.jetstream().subscribe("eclgrm.v1.products.v1%2Eburst")
        for _ in ("result", "with figures"):
            await subscription.next_msg(timeout=LIMIT_S)
    async with await nats.connect(at.nats) as client, aiohttp.ClientSession(at.rest) as http:
        async with asyncio.timeout(LIMIT_S):
            while len(await heard(client, "eclgrm.v1.error")) < 1:
                continue
        everything = await heard(client, "eclgrm.v1.>")
        async with http.get("/api/v1/asyncapi") as answer:
            document = await answer.json()

    for subject, said in everything:
        validator(document, said).validate(said)
        assert subject.split(".")[2] == said["schema"].removeprefix("eclgrm.")
    kinds = {said["schema"] for _, said in everything}
    assert kinds == {f"eclgrm.{k}" for k in ("data", "task", "products", "error", "status")}
    mine = {s["id"]: (subject, s) for subject, s in everything if s.get("burst_id") == BURST}
    assert len({said["correlation_id"] for _, said in mine.values()}) == 1

    result, figures = (said for _, said in mine.values() if said["schema"] == "eclgrm.products")
    assert [said["figures"] for said in (result, figures)] == ["queued", "done"]
    assert result["id"] in figures["causes"]
    for said in (result, figures):
        assert said["origin"]["series"] == "temporal-GRM"
        assert said["notifications"] == ["note-1"]
    task = "eclgrm.v1.task.v1%2Eburst"
    assert trail(result, mine) == {
        f"{task}.done",
        f"{task}.running",
        f"{task}.queued",
        f"{task}.waiting",
        "eclgrm.v1.data.v1%2Eburst",
        "notification",
    }


def trail(said: dict[str, Any], mine: dict[str, tuple[str, dict[str, Any]]]) -> set[str]:
    """Return the subjects of all that led to a message."""
    found, causes = set(), list(said["causes"])
    while causes:
        cause = causes.pop()
        if cause == message_uuid("notification-note-1"):
            found.add("notification")
            continue
        subject, earlier = mine[cause]
        found.add(subject)
        causes += earlier["causes"]
    return found

"""A task announces its result first, then its figures; a crash between repeats nothing."""

import asyncio
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import aiohttp
import nats
import pytest

from testbench.daemon_process import DaemonProcess
from testbench.tiny import TINY_CONFIGURATION, tiny_light_curve, tiny_task
from tests.support.limits import LIMIT_S

BURST = "b"


async def deliver(http: aiohttp.ClientSession, figures: str) -> None:
    """Upload a small light curve, then submit one task on it."""
    query = {"burst_id": BURST, "name": "a.fits"}
    async with http.post(
        "/api/v1/data", params=query, data=io.BytesIO(tiny_light_curve(1))
    ) as answer:
        assert answer.status == 201, await answer.text()
    task = tiny_task("t", BURST, [{"name": "a.fits"}])
    del task["type"]
    task["configuration"] = {**TINY_CONFIGURATION, "products": {"figures": figures}}
    async with http.post("/api/v1/task", json=task) as answer:
        assert answer.status == 201, await answer.text()


async def view(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get("/api/v1/task/t") as answer:
        found: dict[str, Any] = await answer.json()
    return found


async def figures_of(http: aiohttp.ClientSession, path: str) -> tuple[int, bytes]:
    """Request figures until they are there, as the answer 202 asks for."""
    while True:
        async with http.get(path) as answer:
            if answer.status != 202:
                return answer.status, await answer.read()


async def heard(url: str, subject: str, number: int) -> list[dict[str, Any]]:
    """Return the messages about products on a subject, once there are so many."""
    client = await nats.connect(url)
    try:
        subscription = await client.jetstream().subscribe(subject, ordered_consumer=True)
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(LIMIT_S):
            while len(found) < number:
                message = json.loads((await subscription.next_msg(timeout=LIMIT_S)).data)
                if message.get("schema") == "eclgrm.products" or (
                    (message.get("activity") or {}).get("type") == "products"
                ):
                    found.append(message)
        return found
    finally:
        await client.close()


def product(daemon: DaemonProcess, name: str) -> Path:
    """Return the path of a product of the task."""
    return next(Path(daemon.state_dir).rglob(f"products/t.1/{name}"))


def kinds(products: list[dict[str, Any]]) -> set[str]:
    return {each["kind"] for each in products}


async def test_both_trees_announce_the_result_first_and_then_all_products(
    own_daemon: DaemonProcess,
) -> None:
    await own_daemon.start()
    at = own_daemon.running_endpoints()
    async with aiohttp.ClientSession(at.rest) as http:
        await deliver(http, "now")
        first, second = await heard(at.nats, "activity.eclgrm", 2)
        before, after = await heard(at.nats, f"eclgrm.v1.products.{BURST}", 2)
        found = await view(http)
    assert "figure" not in kinds(first["activity"]["products"])
    assert "figure" in kinds(second["activity"]["products"])
    assert first["info"] == "Results of task t are available, figures follow"
    assert second["info"] == "Products of task t are available"
    assert (before["figures"], after["figures"]) == ("queued", "done")
    assert before["products"] == first["activity"]["products"]
    assert after["products"] == second["activity"]["products"]
    assert {each["name"] for each in after["products"]} == {
        each["name"] for each in found["products"]
    }
    assert found["figures"] == {"state": "done", "reason": "", "attempts": 1}
    assert found["attempts"] == 1


async def test_figures_are_drawn_once_when_somebody_requests_one(own_daemon: DaemonProcess) -> None:
    await own_daemon.start()
    at = own_daemon.running_endpoints()
    async with aiohttp.ClientSession(at.rest) as http:
        await deliver(http, "later")
        (only,) = await heard(at.nats, f"eclgrm.v1.products.{BURST}", 1)
        assert only["figures"] == "later"

        paths = [
            "/api/v1/task/t/figures",
            "/api/v1/products/t/GRM-LC.png",
            "/api/v1/products/t/nothing.png",
        ]
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(figures_of(http, path)) for path in paths for _ in range(3)]
        assert [task.result()[0] for task in asked] == [200] * 6 + [404] * 3
        assert asked[3].result()[1].startswith(b"\x89PNG")
        found = await view(http)
        assert found["figures"] == {"state": "done", "reason": "", "attempts": 1}
        await heard(at.nats, f"eclgrm.v1.products.{BURST}", 2)


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_a_crash_between_the_steps_draws_the_figures_and_recomputes_nothing(
    own_daemon: DaemonProcess, how: str
) -> None:
    """The figures wait, so that the daemon surely ends between the two steps."""
    await own_daemon.start()
    at = own_daemon.running_endpoints()
    async with aiohttp.ClientSession(at.rest) as http:
        await deliver(http, "later")
        await heard(at.nats, f"eclgrm.v1.products.{BURST}", 1)
    result = product(own_daemon, "result.json")
    content = result.read_bytes()
    if how == "kill":
        assert own_daemon.pid is not None
        os.kill(own_daemon.pid, signal.SIGKILL)
        await own_daemon.kill()
    else:
        assert await own_daemon.stop() == 0
    await own_daemon.start()
    at = own_daemon.running_endpoints()
    async with aiohttp.ClientSession(at.rest) as http:
        drawn = json.loads((await figures_of(http, "/api/v1/task/t/figures"))[1])
        async with http.get("/api/v1/task/t/logs") as answer:
            lines = (await answer.json())["lines"]
    assert (drawn["state"], drawn["reason"]) == ("done", "")
    assert drawn["figures"]
    assert result.read_bytes() == content
    assert {line["stage"] for line in lines if line.get("attempt") == 2} >= {"read", "figures"}
    _first, second = await heard(at.nats, f"eclgrm.v1.products.{BURST}", 2)
    assert second["figures"] == "done"


async def test_figures_that_cannot_be_drawn_are_announced_as_failed(
    own_daemon: DaemonProcess,
) -> None:
    await own_daemon.start()
    at = own_daemon.running_endpoints()
    async with aiohttp.ClientSession(at.rest) as http:
        await deliver(http, "later")
        await heard(at.nats, f"eclgrm.v1.products.{BURST}", 1)
        steps = product(own_daemon, "steps.msgpack")
        steps.write_bytes(b"damaged")
        drawn = json.loads((await figures_of(http, "/api/v1/task/t/figures"))[1])
        async with http.get("/api/v1/products/t/GRM-LC.png") as answer:
            assert answer.status == 404
        async with http.get("/api/v1/products/t/result.json") as answer:
            assert answer.status == 200
        found = await view(http)
    assert drawn["state"] == "failed"
    assert "the outcome of step" in drawn["reason"]
    assert found["state"] == "done"
    _first, second = await heard(at.nats, "activity.eclgrm", 2)
    assert second["info"].startswith("Products of task t are available without figures: steps")
